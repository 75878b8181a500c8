-- tarn_member(json, name, i) is the member of that name, in any case, of an object, and the element i, from 0, of a list.
CREATE MACRO tarn_member(j, k, i) AS CASE json_type(j) WHEN 'ARRAY' THEN json_extract(j, '$[' || i || ']')
    WHEN 'OBJECT' THEN json_extract(j, '$."' || list_filter(json_keys(j), lambda m: lower(m) = lower(k))[1] || '"') END;
