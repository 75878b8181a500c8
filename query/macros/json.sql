-- tarn_json is a part of a JSON text; NULL where there is none, or the text is no JSON. TRY takes no aggregates, so they stay outside of the lambda.
CREATE MACRO tarn_json(j, p) AS list_transform([j], lambda _v9: TRY(system.main.json_extract(_v9, p)))[1];
-- json_extract(json, path): the part at the path, as JSON.
CREATE MACRO json_extract(j, p) AS tarn_json(j, p);
-- json_extract_scalar(json, path): a string, number or truth value as text.
CREATE MACRO json_extract_scalar(j, p) AS list_transform([j], lambda _v10: TRY(CASE WHEN json_type(_v10, p) NOT IN ('OBJECT', 'ARRAY') THEN json_extract_string(_v10, p) END))[1];
-- json_size(json, path): how many elements or members the part at the path has; 0 of what is neither.
CREATE MACRO json_size(j, p) AS tarn_size(tarn_json(j, p));
-- tarn_size is the number of elements or members of a part.
CREATE MACRO tarn_size(j) AS CASE json_type(j) WHEN 'ARRAY' THEN system.main.json_array_length(j) WHEN 'OBJECT' THEN len(json_keys(j)) ELSE CASE WHEN j IS NOT NULL THEN 0 END END;
-- json_parse(text): JSON from text.
CREATE MACRO json_parse(t) AS CASE WHEN json_valid(t) THEN json(t) ELSE CAST(t AS JSON) END;
-- json_format(json): text from JSON.
CREATE MACRO json_format(j) AS CAST(json(j) AS VARCHAR);
-- json_array_get(json, n): the element n, counted from 0, or from the end if it is negative.
CREATE MACRO json_array_get(j, n) AS tarn_json(j, CASE WHEN n < 0 THEN '$[#' || n || ']' ELSE '$[' || n || ']' END);
-- json_array_length(json): how many elements a list has; NULL of what is none.
CREATE MACRO json_array_length(j) AS list_transform([j], lambda _v11: TRY(CASE WHEN json_type(_v11) = 'ARRAY' THEN CAST(system.main.json_array_length(_v11) AS BIGINT) END))[1];
-- json_array_contains(json, value): whether a list has the value, written alike.
CREATE MACRO json_array_contains(j, x) AS list_transform([j], lambda _v12: TRY(CASE WHEN json_type(_v12) = 'ARRAY' AND x IS NOT NULL THEN list_contains(CAST(CAST(_v12 AS JSON[]) AS VARCHAR[]), CAST(to_json(x) AS VARCHAR)) END))[1];
-- is_json_scalar(json): whether it is a string, a number, a truth value or null.
CREATE MACRO is_json_scalar(j) AS json_type(j) NOT IN ('OBJECT', 'ARRAY');
-- json_exists(json, path): whether there is something at the path; false of what is no JSON.
CREATE MACRO json_exists(j, p) AS CASE WHEN j IS NOT NULL AND p IS NOT NULL THEN coalesce(list_transform([j], lambda _v13: TRY(system.main.json_exists(_v13, p)))[1], false) END;
-- json_query(json, path): the part at the path, as text.
CREATE MACRO json_query(j, p) AS CAST(tarn_json(j, p) AS VARCHAR);
-- tarn_json_array is a list of JSON, without NULLs.
CREATE MACRO tarn_json_array(js) AS to_json(list_filter(js, lambda _j14: _j14 IS NOT NULL));
-- tarn_json_object is an object, without members that have no value.
CREATE MACRO tarn_json_object(ks, vs) AS CAST('{' || array_to_string(list_transform(list_filter(list_zip(ks, vs), lambda _z15: struct_extract_at(_z15, 2) IS NOT NULL),
    lambda _z15: CAST(struct_extract_at(_z15, 1) AS VARCHAR) || ':' || CAST(struct_extract_at(_z15, 2) AS VARCHAR)), ',') || '}' AS JSON);
-- tarn_wrapped is the list of one part.
CREATE MACRO tarn_wrapped(j, p) AS '[' || json_query(j, p) || ']';
-- tarn_all_parts is the list of the parts at a path with a star; NULL of none.
CREATE MACRO tarn_all_parts(j, p) AS CAST(to_json(tarn_not_null(tarn_json(j, p))) AS VARCHAR);
-- tarn_member(json, name, i) is the member of that name, in any case, of an object, and the element i, from 0, of a list.
CREATE MACRO tarn_member(j, k, i) AS CASE json_type(j) WHEN 'ARRAY' THEN system.main.json_extract(j, '$[' || i || ']')
    WHEN 'OBJECT' THEN system.main.json_extract(j, '$."' || list_filter(json_keys(j), lambda _m94: lower(_m94) = lower(k))[1] || '"') END;
