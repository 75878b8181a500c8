-- regexp_like(text, pattern): whether the pattern fits anywhere.
CREATE MACRO regexp_like(t, p) AS regexp_matches(t, p);
-- regexp_extract(text, pattern) is what fits first, regexp_extract(text, pattern, n) its group n: NULL where nothing fits.
CREATE MACRO regexp_extract(t, p) AS CASE WHEN regexp_matches(t, p) THEN system.main.regexp_extract(t, p) END,
    (t, p, g) AS CASE WHEN g IS NOT NULL AND regexp_matches(t, p) THEN system.main.regexp_extract(t, p, g) END;
-- tarn_rewrite turns $1 into \1, and \$ into $.
CREATE MACRO tarn_rewrite(r) AS system.main.replace(system.main.regexp_replace(system.main.replace(r, '\$', chr(1)), '\$(\d)', '\\\1', 'g'), chr(1), '$');
-- regexp_replace(text, pattern) drops all that fits; with a third text it takes its place, with $1 for group 1.
CREATE MACRO regexp_replace(t, p) AS system.main.regexp_replace(t, p, '', 'g'),
    (t, p, r) AS system.main.regexp_replace(t, p, tarn_rewrite(r), 'g');
-- regexp_count(text, pattern): how often the pattern fits.
CREATE MACRO regexp_count(t, p) AS len(regexp_extract_all(t, p));
-- regexp_split(text, pattern): the pieces between what fits.
CREATE MACRO regexp_split(t, p) AS CASE WHEN p IS NOT NULL THEN string_split_regex(t, p) END;
-- tarn_lengths is how many letters n texts of a list have.
CREATE MACRO tarn_lengths(ts, n) AS CAST(coalesce(list_sum(list_transform(ts[1:n], lambda _t46: system.main.length(_t46))), 0) AS BIGINT);
-- tarn_before is how many letters stand before the n-th of what fits, between pieces.
CREATE MACRO tarn_before(pieces, found, n) AS CASE WHEN len(found) >= n THEN tarn_lengths(pieces, n) + tarn_lengths(found, n - 1) END;
-- tarn_position is where the pattern fits the n-th time from the letter s on, -1 if nowhere.
CREATE MACRO tarn_position(t, p, s, n) AS CASE WHEN t IS NULL OR p IS NULL OR s IS NULL OR n IS NULL THEN NULL WHEN s < 1 OR n < 1 THEN tarn_error('regexp_position counts from 1')
    ELSE CAST(coalesce(s + tarn_before(string_split_regex(system.main.substr(t, s), p), regexp_extract_all(system.main.substr(t, s), p), n), -1) AS BIGINT) END;
-- regexp_position(text, pattern): where it fits first, -1 if nowhere; with numbers, from a letter on, and the n-th time.
CREATE MACRO regexp_position(t, p) AS tarn_position(t, p, 1, 1), (t, p, s) AS tarn_position(t, p, s, 1), (t, p, s, n) AS tarn_position(t, p, s, n);
-- tarn_pieces are the pieces of a text between what fits, each with the groups of the match behind it.
CREATE MACRO tarn_pieces(t, p, gs) AS list_transform(string_split_regex(t, p), lambda _s47, _i47: {'piece': _s47, 'matched': _i47 <= len(regexp_extract_all(t, p)), 'x': list_transform(gs, lambda _g47: _g47[_i47])});
-- tarn_if is nothing where it does not hold.
CREATE MACRO tarn_if(c, x) AS CASE WHEN c THEN x ELSE '' END;
