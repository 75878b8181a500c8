-- element_at(map, key) and element_at(list, n): NULL where there is none; the first is 1.
CREATE MACRO element_at(c, k) AS c[k];
-- cardinality(map) and cardinality(list): the number of elements.
CREATE MACRO cardinality(c MAP(VARCHAR, VARCHAR)) AS len(map_keys(c)), (c) AS len(c);
-- array_join(list, separator): the elements as one text; a third text stands for NULLs, which are left out else.
CREATE MACRO array_join(a, s) AS array_to_string(a, s),
    (a, s, n) AS array_to_string(list_transform(a, lambda x: coalesce(CAST(x AS VARCHAR), n)), s);
-- array_max(list): the greatest element, NULL if one is NULL.
CREATE MACRO array_max(a) AS CASE WHEN list_count(a) = len(a) THEN list_max(a) END;
-- array_min(list): the least element, NULL if one is NULL.
CREATE MACRO array_min(a) AS CASE WHEN list_count(a) = len(a) THEN list_min(a) END;
-- slice(list, start, n): n elements from start on, counted from 1, or from the end if it is negative.
CREATE MACRO slice(a, s, n) AS CASE WHEN s >= 0 OR -s <= len(a) THEN list_slice(a, CASE WHEN s < 0 THEN len(a) + s + 1 ELSE s END, CASE WHEN s < 0 THEN len(a) + s ELSE s - 1 END + n) ELSE list_slice(a, 1, 0) END;
-- sequence(first, last) counts up or down, days by days; a third argument is the step.
CREATE MACRO sequence(a DATE, b DATE) AS CAST(generate_series(a, b, CASE WHEN a <= b THEN INTERVAL 1 DAY ELSE INTERVAL (-1) DAY END) AS DATE[]),
    (a, b) AS generate_series(a, b, CASE WHEN a <= b THEN 1 ELSE -1 END),
    (a, b, s) AS generate_series(a, b, s);
-- tarn_map is the map of keys and values, the first where a key is there twice.
CREATE MACRO tarn_map(ks, vs) AS CASE WHEN list_unique(ks) = len(ks) THEN map(ks, vs)
    ELSE map(list_distinct(ks), list_transform(list_distinct(ks), lambda k: vs[list_position(ks, k)])) END;
-- map_agg(key, value): a map of the rows; of rows with the same key the first counts, those without one do not.
CREATE MACRO map_agg(k, v) AS tarn_map(list(k) FILTER (k IS NOT NULL), list(v) FILTER (k IS NOT NULL));
-- tarn_any says whether one of a list is true; NULL if that is not known.
CREATE MACRO tarn_any(b) AS CASE WHEN b IS NULL THEN NULL WHEN list_contains(b, true) THEN true WHEN list_count(b) < len(b) THEN NULL ELSE false END;
-- tarn_all says whether all of a list are true.
CREATE MACRO tarn_all(b) AS CASE WHEN b IS NULL THEN NULL WHEN list_contains(b, false) THEN false WHEN list_count(b) < len(b) THEN NULL ELSE true END;
-- tarn_none says whether none of a list is true.
CREATE MACRO tarn_none(b) AS NOT tarn_any(b);
-- tarn_unless_null is NULL for no list.
CREATE MACRO tarn_unless_null(a, x) AS CASE WHEN a IS NOT NULL THEN x END;
