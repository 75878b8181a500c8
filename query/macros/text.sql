-- json_extract_scalar(json, path): a string, number or truth value as text.
CREATE MACRO json_extract_scalar(j, p) AS json_extract_string(j, p);
-- json_parse(text): JSON from text.
CREATE MACRO json_parse(t) AS CAST(t AS JSON);
-- json_format(json): text from JSON.
CREATE MACRO json_format(j) AS CAST(j AS VARCHAR);
-- regexp_like(text, pattern): whether the pattern fits anywhere.
CREATE MACRO regexp_like(t, p) AS regexp_matches(t, p);
-- replace(text, what) drops it; replace(text, what, by) replaces it.
CREATE MACRO replace(t, w) AS system.main.replace(t, w, ''), (t, w, b) AS system.main.replace(t, w, b);
-- json_array_get(json, n): the element n, counted from 0.
CREATE MACRO json_array_get(j, n) AS json_extract(j, '$[' || n || ']');
