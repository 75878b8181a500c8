-- array_join(list, separator): the elements as one text; a third text stands for NULLs, which are left out else.
CREATE MACRO array_join(a, s) AS array_to_string(a, s),
    (a, s, n) AS array_to_string(list_transform(a, lambda x: coalesce(CAST(x AS VARCHAR), n)), s);
-- tarn_concat_ws joins the texts of a list, or a text alone.
CREATE MACRO tarn_concat_ws(s, t VARCHAR) AS CASE WHEN s IS NOT NULL THEN coalesce(t, '') END, (s, a) AS array_to_string(a, s);
-- array_max(list): the greatest element, NULL if one is NULL.
CREATE MACRO array_max(a) AS CASE WHEN list_count(a) = len(a) THEN list_max(a) END;
-- array_min(list): the least element, NULL if one is NULL.
CREATE MACRO array_min(a) AS CASE WHEN list_count(a) = len(a) THEN list_min(a) END;
-- array_first(list): its first element, NULL if there is none.
CREATE MACRO array_first(a) AS a[1];
-- array_last(list): its last element, NULL if there is none.
CREATE MACRO array_last(a) AS a[-1];
-- array_position(list, element): where it is first, 0 if it is not there.
CREATE MACRO array_position(a, x) AS CASE WHEN a IS NOT NULL AND x IS NOT NULL THEN coalesce(list_position(a, x), 0) END;
-- array_remove(list, element): the others.
CREATE MACRO array_remove(a, x) AS CASE WHEN x IS NOT NULL THEN list_filter(a, lambda e: e IS DISTINCT FROM x) END;
-- tarn_numbered are elements with their places, sorted.
CREATE MACRO tarn_numbered(a) AS list_sort(list_transform(a, lambda x, i: {'x': x, 'i': i}));
-- array_distinct(list): each element once, in the order of the first.
CREATE MACRO array_distinct(a) AS list_transform([tarn_numbered(a)], lambda s: list_transform(list_sort(list_transform(
    list_filter(s, lambda e, j: j = 1 OR e.x IS DISTINCT FROM s[j - 1].x), lambda e: {'i': e.i, 'x': e.x})), lambda e: e.x))[1];
-- tarn_has tells whether a list has an element, or NULL.
CREATE MACRO tarn_has(a, x) AS list_position(a, x) IS NOT NULL;
-- array_union(list, list): the elements of both, each once.
CREATE MACRO array_union(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN array_distinct(list_concat(a, b)) END;
-- array_intersect(list, list): the elements that both have, each once.
CREATE MACRO array_intersect(a, b) AS CASE WHEN b IS NOT NULL THEN list_filter(array_distinct(a), lambda x: tarn_has(b, x)) END;
-- array_except(list, list): the elements that the second has not, each once.
CREATE MACRO array_except(a, b) AS CASE WHEN b IS NOT NULL THEN list_filter(array_distinct(a), lambda x: NOT tarn_has(b, x)) END;
-- arrays_overlap(list, list): whether they share an element; NULL if that is not known.
CREATE MACRO arrays_overlap(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN list_has_any(a, b) THEN true
    WHEN len(a) > 0 AND len(b) > 0 AND (list_count(a) < len(a) OR list_count(b) < len(b)) THEN NULL ELSE false END;
-- contains_sequence(list, list): whether the elements of the second stand in the first, one behind the other.
CREATE MACRO contains_sequence(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN len(b) = 0 OR len(list_filter(range(1, len(a) - len(b) + 2), lambda i: a[i:i + len(b) - 1] = b)) > 0 END;
-- array_sort(list): its elements in order, NULLs last.
CREATE MACRO array_sort(a) AS list_sort(a, 'ASC', 'NULLS LAST');
-- tarn_ranked is a list in the order of the ranks of its elements.
CREATE MACRO tarn_ranked(a, ranks) AS list_transform(list_sort(list_zip(ranks, a)), lambda z: struct_extract_at(z, 2));
-- tarn_before_in_order says whether the element j comes before the element i, as compared says.
CREATE MACRO tarn_before_in_order(compared, j, i) AS CASE WHEN j = i THEN false WHEN compared IS NULL OR compared NOT IN (-1, 0, 1) THEN error('the lambda of array_sort gives -1, 0 or 1') ELSE compared < 0 OR compared = 0 AND j < i END;
-- flatten(list of lists): one list of all elements.
CREATE MACRO flatten(a) AS system.main.flatten(a);
-- reverse(list) and reverse(text): from the end to the start.
CREATE MACRO reverse(t VARCHAR) AS system.main.reverse(t), (a) AS list_reverse(a);
-- tarn_reverse is reverse of a text.
CREATE MACRO tarn_reverse(t) AS system.main.reverse(t);
-- repeat(element, n): a list of it n times.
CREATE MACRO repeat(x, n) AS list_transform(range(n), lambda i: x);
-- trim_array(list, n): without the last n elements.
CREATE MACRO trim_array(a, n) AS CASE WHEN n BETWEEN 0 AND len(a) THEN list_slice(a, 1, len(a) - n) WHEN a IS NOT NULL AND n IS NOT NULL THEN error('trim_array cannot drop ' || n || ' of ' || len(a) || ' elements') END;
-- shuffle(list): its elements in any order.
CREATE MACRO shuffle(a) AS list_select(a, list_grade_up(list_transform(a, lambda x: system.main.random())));
-- ngrams(list, n): all pieces of n elements that stand side by side.
CREATE MACRO ngrams(a, n) AS CASE WHEN n >= len(a) THEN [a] ELSE list_transform(range(1, len(a) - n + 2), lambda i: a[i:i + n - 1]) END;
-- tarn_more are choices of places, each with one more behind its last.
CREATE MACRO tarn_more(cs, n) AS flatten(list_transform(cs, lambda c: list_transform(range(coalesce(c[-1], 0) + 1, n + 1), lambda i: list_append(c, i))));
-- combinations(list, n): all choices of n elements, n at most 5.
CREATE MACRO combinations(a, n) AS list_transform(CASE n WHEN 0 THEN [CAST([] AS BIGINT[])] WHEN 1 THEN tarn_more([CAST([] AS BIGINT[])], len(a))
    WHEN 2 THEN tarn_more(tarn_more([CAST([] AS BIGINT[])], len(a)), len(a)) WHEN 3 THEN tarn_more(tarn_more(tarn_more([CAST([] AS BIGINT[])], len(a)), len(a)), len(a))
    WHEN 4 THEN tarn_more(tarn_more(tarn_more(tarn_more([CAST([] AS BIGINT[])], len(a)), len(a)), len(a)), len(a))
    WHEN 5 THEN tarn_more(tarn_more(tarn_more(tarn_more(tarn_more([CAST([] AS BIGINT[])], len(a)), len(a)), len(a)), len(a)), len(a))
    ELSE error('combinations takes a number from 0 to 5') END, lambda c: list_select(a, c));
-- slice(list, start, n): n elements from start on, counted from 1, or from the end if it is negative.
CREATE MACRO slice(a, s, n) AS CASE WHEN s = 0 THEN error('slice counts from 1') WHEN s >= 0 OR -s <= len(a) THEN list_slice(a, CASE WHEN s < 0 THEN len(a) + s + 1 ELSE s END, CASE WHEN s < 0 THEN len(a) + s ELSE s - 1 END + n) ELSE list_slice(a, 1, 0) END;
-- sequence(first, last) counts up or down, days by days; a third argument is the step.
CREATE MACRO sequence(a DATE, b DATE) AS CAST(generate_series(a, b, CASE WHEN a <= b THEN INTERVAL 1 DAY ELSE INTERVAL (-1) DAY END) AS DATE[]),
    (a, b) AS generate_series(a, b, CASE WHEN a <= b THEN 1 ELSE -1 END),
    (a DATE, b DATE, s) AS list_filter(list_transform(range(len(generate_series(a, b, s))), lambda i: CAST(a + s * i AS DATE)), lambda d: (d <= b) = (a <= b)),
    (a TIMESTAMP, b TIMESTAMP, s) AS list_filter(list_transform(range(len(generate_series(a, b, s))), lambda i: a + s * i), lambda d: (d <= b) = (a <= b)),
    (a, b, s) AS CASE WHEN s > 0 AND a <= b OR s < 0 AND a >= b THEN generate_series(a, b, s) WHEN a IS NOT NULL AND b IS NOT NULL AND s IS NOT NULL THEN error('sequence cannot come from ' || a || ' to ' || b || ' by ' || s) END;
-- tarn_zip are the elements of lists side by side.
CREATE MACRO tarn_zip(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_transform(list_zip(a, b), lambda z: {'key': struct_extract_at(z, 1), 'value': struct_extract_at(z, 2)}) END;
-- zip(list, list, …): rows of their elements, side by side; shorter ones are filled up with NULL.
CREATE MACRO zip(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_transform(list_zip(a, b), lambda z: {'field0': struct_extract_at(z, 1), 'field1': struct_extract_at(z, 2)}) END,
    (a, b, c) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL THEN list_transform(list_zip(a, b, c), lambda z: {'field0': struct_extract_at(z, 1), 'field1': struct_extract_at(z, 2), 'field2': struct_extract_at(z, 3)}) END,
    (a, b, c, d) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL AND d IS NOT NULL THEN list_transform(list_zip(a, b, c, d),
        lambda z: {'field0': struct_extract_at(z, 1), 'field1': struct_extract_at(z, 2), 'field2': struct_extract_at(z, 3), 'field3': struct_extract_at(z, 4)}) END;
-- tarn_not_null are the elements that are not NULL; NULL if there are none.
CREATE MACRO tarn_not_null(a) AS CASE WHEN list_count(a) > 0 THEN list_filter(a, lambda x: x IS NOT NULL) END;
-- tarn_entropy is how many bits the choice takes that was made so often each.
CREATE MACRO tarn_entropy(cs) AS system.main.log2(CAST(list_sum(cs) AS DOUBLE)) - list_sum(list_transform(cs, lambda c: CASE WHEN c > 0 THEN c * system.main.log2(c) ELSE 0 END)) / CAST(list_sum(cs) AS DOUBLE);
-- tarn_any says whether one of a list is true; NULL if that is not known.
CREATE MACRO tarn_any(b) AS CASE WHEN b IS NULL THEN NULL WHEN list_contains(b, true) THEN true WHEN list_count(b) < len(b) THEN NULL ELSE false END;
-- tarn_all says whether all of a list are true.
CREATE MACRO tarn_all(b) AS CASE WHEN b IS NULL THEN NULL WHEN list_contains(b, false) THEN false WHEN list_count(b) < len(b) THEN NULL ELSE true END;
-- tarn_none says whether none of a list is true.
CREATE MACRO tarn_none(b) AS NOT tarn_any(b);
-- tarn_unless_null is NULL for no list.
CREATE MACRO tarn_unless_null(a, x) AS CASE WHEN a IS NOT NULL THEN x END;
-- tarn_finite is NULL for what is no number.
CREATE MACRO tarn_finite(x) AS CASE WHEN isfinite(x) THEN x END;
-- tarn_skewness is the skewness of n numbers themselves, not of what they are a sample of.
CREATE MACRO tarn_skewness(x, n) AS x * (n - 2) / system.main.sqrt(CAST(n AS DOUBLE) * (n - 1));
