-- cardinality(map) and cardinality(list): the number of elements.
CREATE MACRO cardinality(c MAP(VARCHAR, VARCHAR)) AS len(map_keys(c)), (c) AS len(c);
-- element_at(map, key) and element_at(list, n): NULL where there is none; the first is 1, the last -1.
CREATE MACRO element_at(c, k) AS c[k];
-- tarn_sorted are entries by key, then in their order, without those that have no key.
CREATE MACRO tarn_sorted(es) AS list_sort(list_transform(list_filter(es, lambda _e34: _e34.key IS NOT NULL), lambda _e34, _i34: {'key': _e34.key, 'i': _i34, 'value': _e34.value}));
-- tarn_runs are where a new key begins among sorted entries.
CREATE MACRO tarn_runs(s) AS list_filter(range(1, len(s) + 1), lambda _i35: _i35 = 1 OR s[_i35].key IS DISTINCT FROM s[_i35 - 1].key);
-- tarn_run is an entry of the key at place p and the list of its values, up to the place of the next key.
CREATE MACRO tarn_run(s, p, next) AS {'i': s[p].i, 'key': s[p].key, 'value': list_transform(range(p, coalesce(next, len(s) + 1)), lambda _k36: s[_k36].value)};
-- tarn_grouped are entries of each key and the list of its values, in the order of the first of each.
CREATE MACRO tarn_grouped(es) AS list_transform([tarn_sorted(es)], lambda _s37: list_transform([tarn_runs(_s37)], lambda _runs37:
    list_transform(list_sort(list_transform(_runs37, lambda _p37, _j37: tarn_run(_s37, _p37, _runs37[_j37 + 1]))), lambda _e37: {'key': _e37.key, 'value': _e37.value}))[1])[1];
-- tarn_multimap is the map of entries from each key to the list of its values.
CREATE MACRO tarn_multimap(es) AS map_from_entries(tarn_grouped(es));
-- tarn_map_agg is the map of entries, the first where a key is there twice.
CREATE MACRO tarn_map_agg(es) AS map_from_entries(list_transform(tarn_grouped(es), lambda _e38: {'key': _e38.key, 'value': _e38.value[1]}));
-- tarn_map_union is the map of the entries of a list of maps.
CREATE MACRO tarn_map_union(ms) AS tarn_map_agg(flatten(list_transform(ms, lambda _m39: map_entries(_m39))));
-- map_concat(map, map, …): the entries of all, of the last where a key is in several.
CREATE MACRO map_concat(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN system.main.map_concat(a, b) END;
-- tarn_pairs are the entries that rows of two are.
CREATE MACRO tarn_pairs(rs) AS list_transform(rs, lambda _r40: {'key': struct_extract_at(_r40, 1), 'value': struct_extract_at(_r40, 2)});
-- multimap_from_entries(list): a map of rows of two, from each key to the list of its values.
CREATE MACRO multimap_from_entries(rs) AS tarn_multimap(tarn_pairs(rs));
-- tarn_split are the entries of a text.
CREATE MACRO tarn_split(t, a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_transform(list_filter(string_split(t, a), lambda _e41: _e41 <> ''),
    lambda _e41: CASE WHEN len(string_split(_e41, b)) = 2 THEN {'key': string_split(_e41, b)[1], 'value': string_split(_e41, b)[2]} ELSE tarn_error(b || ' must stand once in the entry ' || _e41) END) END;
-- split_to_map(text, between entries, between key and value): a map of texts; a key that is there twice is an error.
CREATE MACRO split_to_map(t, a, b) AS map_from_entries(tarn_split(t, a, b));
-- split_to_multimap(text, between entries, between key and value): a map from each key to the list of its values.
CREATE MACRO split_to_multimap(t, a, b) AS tarn_multimap(tarn_split(t, a, b));
-- tarn_most are the n entries of a map with the greatest values.
CREATE MACRO tarn_most(m, n) AS map_from_entries(list_transform((list_sort(list_transform(map_entries(m), lambda _e42: {'n': -CAST(_e42.value AS BIGINT), 'k': _e42.key})))[1:n],
    lambda _e42: {'key': _e42.k, 'value': -_e42.n}));
-- tarn_map_zip are the keys of two maps, each with its value in both.
CREATE MACRO tarn_map_zip(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_transform(array_distinct(list_concat(map_keys(a), map_keys(b))), lambda _k43: {'key': _k43, 'value': a[_k43], 'other': b[_k43]}) END;
-- array_histogram(list): a map from each element to how often it is there.
CREATE MACRO array_histogram(a) AS list_aggregate(a, 'histogram');
-- tarn_map_size is the number of entries of a map.
CREATE MACRO tarn_map_size(m) AS len(map_keys(m));
