-- json_extract_scalar(json, path): a string, number or truth value as text.
CREATE MACRO json_extract_scalar(j, p) AS json_extract_string(j, p);
-- json_parse(text): JSON from text.
CREATE MACRO json_parse(t) AS CAST(t AS JSON);
-- json_format(json): text from JSON.
CREATE MACRO json_format(j) AS CAST(j AS VARCHAR);
-- json_array_get(json, n): the element n, counted from 0.
CREATE MACRO json_array_get(j, n) AS json_extract(j, '$[' || n || ']');
-- regexp_like(text, pattern): whether the pattern fits anywhere.
CREATE MACRO regexp_like(t, p) AS regexp_matches(t, p);
-- regexp_extract(text, pattern) is what fits first, regexp_extract(text, pattern, n) its group n: NULL where nothing fits.
CREATE MACRO regexp_extract(t, p) AS CASE WHEN regexp_matches(t, p) THEN system.main.regexp_extract(t, p) END,
    (t, p, g) AS CASE WHEN regexp_matches(t, p) THEN system.main.regexp_extract(t, p, g) END;
-- tarn_rewrite turns $1 into \1, and \$ into $.
CREATE MACRO tarn_rewrite(r) AS system.main.replace(system.main.regexp_replace(system.main.replace(r, '\$', chr(1)), '\$(\d)', '\\\1', 'g'), chr(1), '$');
-- regexp_replace(text, pattern) drops all that fits; with a third text it takes its place, with $1 for group 1.
CREATE MACRO regexp_replace(t, p) AS system.main.regexp_replace(t, p, '', 'g'),
    (t, p, r) AS system.main.regexp_replace(t, p, tarn_rewrite(r), 'g');
-- regexp_count(text, pattern): how often the pattern fits.
CREATE MACRO regexp_count(t, p) AS len(regexp_extract_all(t, p));
-- regexp_split(text, pattern): the pieces between what fits.
CREATE MACRO regexp_split(t, p) AS string_split_regex(t, p);
-- replace(text, what) drops it; replace(text, what, by) replaces it.
CREATE MACRO replace(t, w) AS system.main.replace(t, w, ''), (t, w, b) AS system.main.replace(t, w, b);
-- codepoint(letter): its number in Unicode.
CREATE MACRO codepoint(c) AS unicode(c);
