-- array_join(list, separator): the elements as one text; a third text stands for NULLs, which are left out else.
CREATE MACRO array_join(a, s) AS CASE WHEN s IS NOT NULL THEN tarn_joined(list_filter(CAST(a AS VARCHAR[]), lambda _x92: _x92 IS NOT NULL), s) END,
    (a, s, n) AS CASE WHEN s IS NOT NULL AND n IS NOT NULL THEN tarn_joined(list_transform(CAST(a AS VARCHAR[]), lambda _x92: coalesce(_x92, n)), s) END;
-- tarn_concat_ws joins the texts of a list, or a text alone.
CREATE MACRO tarn_concat_ws(s, t VARCHAR) AS CASE WHEN s IS NOT NULL THEN coalesce(t, '') END, (s, a) AS array_join(a, s);
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
CREATE MACRO array_remove(a, x) AS CASE WHEN x IS NOT NULL THEN list_filter(a, lambda _e17: _e17 IS DISTINCT FROM x) END;
-- tarn_numbered are elements with their places, sorted.
CREATE MACRO tarn_numbered(a) AS list_sort(list_transform(a, lambda _x18, _i18: {'x': _x18, 'i': _i18}));
-- array_distinct(list): each element once, in the order of the first.
CREATE MACRO array_distinct(a) AS list_transform([tarn_numbered(a)], lambda _s19: list_transform(list_sort(list_transform(
    list_filter(_s19, lambda _e19, _j19: _j19 = 1 OR _e19.x IS DISTINCT FROM _s19[_j19 - 1].x), lambda _e19: {'i': _e19.i, 'x': _e19.x})), lambda _e19: _e19.x))[1];
-- tarn_has tells whether a list has an element, or NULL.
CREATE MACRO tarn_has(a, x) AS list_position(a, x) IS NOT NULL;
-- array_union(list, list): the elements of both, each once.
CREATE MACRO array_union(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN array_distinct(list_concat(a, b)) END;
-- array_intersect(list, list): the elements that both have, each once.
CREATE MACRO array_intersect(a, b) AS CASE WHEN b IS NOT NULL THEN list_filter(array_distinct(a), lambda _x20: tarn_has(b, _x20)) END;
-- array_except(list, list): the elements that the second has not, each once.
CREATE MACRO array_except(a, b) AS CASE WHEN b IS NOT NULL THEN list_filter(array_distinct(a), lambda _x21: NOT tarn_has(b, _x21)) END;
-- arrays_overlap(list, list): whether they share an element; NULL if that is not known.
CREATE MACRO arrays_overlap(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN list_has_any(a, b) THEN true
    WHEN len(a) > 0 AND len(b) > 0 AND (list_count(a) < len(a) OR list_count(b) < len(b)) THEN NULL ELSE false END;
-- contains_sequence(list, list): whether the elements of the second stand in the first, one behind the other.
CREATE MACRO contains_sequence(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN len(b) = 0 OR len(list_filter(range(1, len(a) - len(b) + 2), lambda _i22: a[_i22:_i22 + len(b) - 1] = b)) > 0 END;
-- array_sort(list): its elements in order, NULLs last.
CREATE MACRO array_sort(a) AS list_sort(a, 'ASC', 'NULLS LAST');
-- tarn_ranked is a list in the order of the ranks of its elements.
CREATE MACRO tarn_ranked(a, ranks) AS CASE WHEN a IS NOT NULL THEN list_transform(list_sort(list_zip(ranks, a)), lambda _z23: struct_extract_at(_z23, 2)) END;
-- tarn_before_in_order says whether the element j comes before the element i, as compared says.
CREATE MACRO tarn_before_in_order(compared, j, i) AS CASE WHEN j = i THEN false WHEN compared IS NULL OR compared NOT IN (-1, 0, 1) THEN tarn_error('the lambda of array_sort gives -1, 0 or 1') ELSE compared < 0 OR compared = 0 AND j < i END;
-- flatten(list of lists): one list of all elements.
CREATE MACRO flatten(a) AS system.main.flatten(a);
-- reverse(list) and reverse(text): from the end to the start.
CREATE MACRO reverse(t VARCHAR) AS system.main.reverse(t), (a) AS list_reverse(a);
-- tarn_reverse is reverse of a text.
CREATE MACRO tarn_reverse(t) AS system.main.reverse(t);
-- repeat(element, n): a list of it n times.
CREATE MACRO repeat(x, n) AS list_transform(range(n), lambda _i24: x);
-- trim_array(list, n): without the last n elements.
CREATE MACRO trim_array(a, n) AS CASE WHEN n BETWEEN 0 AND len(a) THEN list_slice(a, 1, len(a) - n) WHEN a IS NOT NULL AND n IS NOT NULL THEN tarn_error('trim_array cannot drop ' || n || ' of ' || len(a) || ' elements') END;
-- shuffle(list): its elements in any order.
CREATE MACRO shuffle(a) AS list_select(a, list_grade_up(list_transform(a, lambda _x25: system.main.random())));
-- ngrams(list, n): all pieces of n elements that stand side by side.
CREATE MACRO ngrams(a, n) AS CASE WHEN n >= len(a) THEN [a] ELSE list_transform(range(1, len(a) - n + 2), lambda _i26: a[_i26:_i26 + n - 1]) END;
-- tarn_more are choices of places, each with one more behind its last.
CREATE MACRO tarn_more(cs, n) AS flatten(list_transform(cs, lambda _c27: list_transform(range(coalesce(_c27[-1], 0) + 1, n + 1), lambda _i27: list_append(_c27, _i27))));
-- combinations(list, n): all choices of n elements, n at most 5.
CREATE MACRO combinations(a, n) AS list_transform(CASE WHEN a IS NULL OR n IS NULL THEN NULL ELSE CASE n WHEN 0 THEN [CAST([] AS BIGINT[])] WHEN 1 THEN tarn_more([CAST([] AS BIGINT[])], len(a))
    WHEN 2 THEN tarn_more(tarn_more([CAST([] AS BIGINT[])], len(a)), len(a)) WHEN 3 THEN tarn_more(tarn_more(tarn_more([CAST([] AS BIGINT[])], len(a)), len(a)), len(a))
    WHEN 4 THEN tarn_more(tarn_more(tarn_more(tarn_more([CAST([] AS BIGINT[])], len(a)), len(a)), len(a)), len(a))
    WHEN 5 THEN tarn_more(tarn_more(tarn_more(tarn_more(tarn_more([CAST([] AS BIGINT[])], len(a)), len(a)), len(a)), len(a)), len(a))
    ELSE tarn_error('combinations takes a number from 0 to 5') END END, lambda _c28: list_select(a, _c28));
-- slice(list, start, n): n elements from start on, counted from 1, or from the end if it is negative.
CREATE MACRO slice(a, s, n) AS CASE WHEN s IS NULL OR n IS NULL THEN NULL WHEN s = 0 THEN tarn_error('slice counts from 1') WHEN s >= 0 OR -s <= len(a) THEN list_slice(a, CASE WHEN s < 0 THEN len(a) + s + 1 ELSE s END, CASE WHEN s < 0 THEN len(a) + s ELSE s - 1 END + n) ELSE list_slice(a, 1, 0) END;
-- sequence(first, last) counts up or down, days by days; a third argument is the step.
CREATE MACRO sequence(a DATE, b DATE) AS CAST(generate_series(a, b, CASE WHEN a <= b THEN INTERVAL 1 DAY ELSE INTERVAL (-1) DAY END) AS DATE[]),
    (a, b) AS generate_series(a, b, CASE WHEN a <= b THEN 1 ELSE -1 END),
    (a DATE, b DATE, s) AS list_filter(list_transform(range(len(generate_series(a, b, s))), lambda _i29: CAST(a + s * _i29 AS DATE)), lambda _d29: (_d29 <= b) = (a <= b)),
    (a TIMESTAMP, b TIMESTAMP, s) AS list_filter(list_transform(range(len(generate_series(a, b, s))), lambda _i29: a + s * _i29), lambda _d29: (_d29 <= b) = (a <= b)),
    (a, b, s) AS CASE WHEN s > 0 AND a <= b OR s < 0 AND a >= b THEN generate_series(a, b, s) WHEN a IS NOT NULL AND b IS NOT NULL AND s IS NOT NULL THEN tarn_error('sequence cannot come from ' || a || ' to ' || b || ' by ' || s) END;
-- tarn_zip are the elements of lists side by side.
CREATE MACRO tarn_zip(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_transform(list_zip(a, b), lambda _z30: {'key': struct_extract_at(_z30, 1), 'value': struct_extract_at(_z30, 2)}) END;
-- zip(list, list, …): rows of their elements, side by side; shorter ones are filled up with NULL.
CREATE MACRO zip(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_transform(list_zip(a, b), lambda _z31: {'field0': struct_extract_at(_z31, 1), 'field1': struct_extract_at(_z31, 2)}) END,
    (a, b, c) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL THEN list_transform(list_zip(a, b, c), lambda _z31: {'field0': struct_extract_at(_z31, 1), 'field1': struct_extract_at(_z31, 2), 'field2': struct_extract_at(_z31, 3)}) END,
    (a, b, c, d) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL AND d IS NOT NULL THEN list_transform(list_zip(a, b, c, d),
        lambda _z31: {'field0': struct_extract_at(_z31, 1), 'field1': struct_extract_at(_z31, 2), 'field2': struct_extract_at(_z31, 3), 'field3': struct_extract_at(_z31, 4)}) END;
-- tarn_not_null are the elements that are not NULL; NULL if there are none.
CREATE MACRO tarn_not_null(a) AS CASE WHEN list_count(a) > 0 THEN list_filter(a, lambda _x32: _x32 IS NOT NULL) END;
-- tarn_entropy is how many bits the choice takes that was made so often each.
CREATE MACRO tarn_entropy(cs) AS system.main.log2(CAST(list_sum(cs) AS DOUBLE)) - list_sum(list_transform(cs, lambda _c33: CASE WHEN _c33 > 0 THEN _c33 * system.main.log2(_c33) ELSE 0 END)) / CAST(list_sum(cs) AS DOUBLE);
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
-- tarn_contains says whether a list has an element; NULL if that is not known.
CREATE MACRO tarn_contains(a, x) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL WHEN list_contains(a, x) THEN true WHEN list_count(a) < len(a) THEN NULL ELSE false END;
-- tarn_joined are texts as one, with s between them; the engine's own takes a constant alone.
CREATE MACRO tarn_joined(ts, s) AS array_to_string(list_transform(ts, lambda _t91, _i91: CASE WHEN _i91 = 1 THEN _t91 ELSE s || _t91 END), '');
