-- tarn_error fails with a message. The engine's own error is volatile, which TRY does not take; fault.go knows the mark.
CREATE MACRO tarn_error(m) AS CASE WHEN CAST('! ' || m AS INTEGER) IS NULL THEN NULL END;
-- tarn_piece is n letters of a text from s on, counted from the end if s is negative; empty where there are none.
CREATE MACRO tarn_piece(t, s, n) AS CASE WHEN n > 0 AND (s > 0 OR s < 0 AND -s <= system.main.length(t)) THEN system.main.substr(t, s, CAST(n AS BIGINT)) WHEN t IS NOT NULL AND s IS NOT NULL AND n IS NOT NULL THEN '' END;
-- tarn_bytes_from is substr of bytes.
CREATE MACRO tarn_bytes_from(b, s) AS unhex(tarn_piece(hex(b), CASE WHEN s > 0 THEN 2 * s - 1 ELSE 2 * s END, 4294967295)),
    (b, s, n) AS unhex(tarn_piece(hex(b), CASE WHEN s > 0 THEN 2 * s - 1 ELSE 2 * s END, 2 * n));
-- substr(text, start): from the letter start on, counted from the end if it is negative; with a third argument, so many letters.
CREATE MACRO substr(t, s) AS tarn_piece(t, s, 4294967295), (t, s, n) AS tarn_piece(t, s, n);
-- substring is substr.
CREATE MACRO substring(t, s) AS tarn_piece(t, s, 4294967295), (t, s, n) AS tarn_piece(t, s, n);
-- overlay(text PLACING other FROM start FOR n): with the other in place of n letters.
CREATE MACRO overlay(t, o, s) AS system.main.substr(t, 1, s - 1) || o || system.main.substr(t, s + system.main.length(o)), (t, o, s, n) AS system.main.substr(t, 1, s - 1) || o || system.main.substr(t, s + n);
-- tarn_blanks are the letters that trim drops: those that are white space in Unicode and may break a line.
CREATE MACRO tarn_blanks() AS chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(28) || chr(29) || chr(30) || chr(31) || ' ' || chr(5760)
    || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8200) || chr(8201) || chr(8202) || chr(8232) || chr(8233) || chr(8287) || chr(12288);
-- trim(text) drops white space at both ends; trim(text, letters), those letters.
CREATE MACRO trim(t) AS system.main.trim(t, tarn_blanks()), (t, c) AS system.main.trim(t, c);
-- ltrim(text) drops white space at its start.
CREATE MACRO ltrim(t) AS system.main.ltrim(t, tarn_blanks()), (t, c) AS system.main.ltrim(t, c);
-- rtrim(text) drops white space at its end.
CREATE MACRO rtrim(t) AS system.main.rtrim(t, tarn_blanks()), (t, c) AS system.main.rtrim(t, c);
-- tarn_found is where the n-th piece is that equals w; from the end if back.
CREATE MACRO tarn_found(t, w, n, back) AS CASE WHEN t IS NULL OR w IS NULL OR n IS NULL THEN NULL WHEN w = '' THEN 1
    ELSE list_transform([list_filter(range(1, system.main.length(t) - system.main.length(w) + 2), lambda _i48: system.main.substr(t, _i48, system.main.length(w)) = w)],
        lambda _ps48: coalesce(CASE WHEN back THEN system.main.length(t) - _ps48[n] - system.main.length(w) + 2 ELSE _ps48[n] END, 0))[1] END;
-- strpos(text, what): where it is first, 0 if it is not there; strpos(text, what, n): where it is the n-th time, from the end if n is negative.
CREATE MACRO strpos(t, w) AS system.main.strpos(t, w),
    (t, w, n) AS CASE WHEN n IS NULL THEN NULL WHEN n < 0 THEN tarn_found(system.main.reverse(t), system.main.reverse(w), -n, true) WHEN n > 0 THEN tarn_found(t, w, n, false) ELSE tarn_error('strpos counts from 1') END;
-- split(text, separator): its pieces; with a number, at most so many, the last with all that is left.
CREATE MACRO split(t, s) AS CASE WHEN s IS NOT NULL THEN string_split(t, s) END,
    (t, s, n) AS CASE WHEN t IS NULL OR s IS NULL OR n IS NULL THEN NULL WHEN n < 1 THEN tarn_error('split makes at least one piece') ELSE list_transform([string_split(t, s)],
        lambda _ps93: CASE WHEN len(_ps93) <= n THEN _ps93 ELSE list_append(_ps93[1:n - 1], system.main.substr(t, 1 + tarn_lengths(_ps93, n - 1) + (n - 1) * system.main.length(s))) END)[1] END;
-- split_part(text, separator, n): its n-th piece; NULL if there are fewer.
CREATE MACRO split_part(t, s, n) AS CASE WHEN n < 1 THEN tarn_error('split_part counts from 1') ELSE string_split(t, s)[n] END;
-- replace(text, what) drops it; replace(text, what, by) replaces it.
CREATE MACRO replace(t, w) AS system.main.replace(t, w, ''), (t, w, b) AS CASE WHEN w = '' THEN b || system.main.regexp_replace(t, '(?s)(.)', '\1' || b, 'g') ELSE system.main.replace(t, w, b) END;
-- codepoint(letter): its number in Unicode.
CREATE MACRO codepoint(c) AS CASE WHEN system.main.length(c) <> 1 THEN tarn_error('codepoint takes one letter') ELSE unicode(c) END;
-- normalize(text): in Unicode's form NFC.
CREATE MACRO normalize(t) AS nfc_normalize(t);
-- tarn_letters are the letters of a text, each once.
CREATE MACRO tarn_letters(t) AS list_distinct(string_split(t, ''));
-- tarn_levenshtein counts in letters that stand for others of one byte, of which there are 127.
CREATE MACRO tarn_levenshtein(a, b, letters) AS CASE WHEN len(letters) > 127 THEN tarn_error('levenshtein_distance knows texts with 127 different letters')
    ELSE levenshtein(translate(a, array_to_string(letters, ''), array_to_string(list_transform(range(1, len(letters) + 1), lambda _i50: chr(CAST(_i50 AS INTEGER))), '')),
        translate(b, array_to_string(letters, ''), array_to_string(list_transform(range(1, len(letters) + 1), lambda _i50: chr(CAST(_i50 AS INTEGER))), ''))) END;
-- levenshtein_distance(text, text): how many letters must be put in, dropped or changed.
CREATE MACRO levenshtein_distance(a, b) AS CASE WHEN strlen(a) = system.main.length(a) AND strlen(b) = system.main.length(b) THEN levenshtein(a, b) ELSE tarn_levenshtein(a, b, tarn_letters(a || b)) END;
-- hamming_distance(text, text): in how many places texts of the same length have other letters.
CREATE MACRO hamming_distance(a, b) AS CASE WHEN system.main.length(a) <> system.main.length(b) THEN tarn_error('hamming_distance takes texts of the same length')
    WHEN a IS NOT NULL AND b IS NOT NULL THEN len(list_filter(list_zip(string_split(a, ''), string_split(b, '')), lambda _z51: struct_extract_at(_z51, 1) <> struct_extract_at(_z51, 2))) END;
-- luhn_check(digits): whether the last is right by the Luhn algorithm.
CREATE MACRO luhn_check(t) AS CASE WHEN t = '' THEN false WHEN regexp_full_match(t, '[0-9]+') THEN list_sum(list_transform(string_split(system.main.reverse(t), ''),
    lambda _d52, _i52: CAST(_d52 AS INTEGER) * (2 - _i52 % 2) - CASE WHEN _i52 % 2 = 0 AND _d52 >= '5' THEN 9 ELSE 0 END)) % 10 = 0 WHEN t IS NOT NULL THEN tarn_error('luhn_check takes digits') END;
-- tarn_sounds are digits for letters that sound alike; vowels are 0, and H and W a point.
CREATE MACRO tarn_sounds(t) AS translate(t, 'BFPVCGJKQSXZDTLMNRAEIOUYHW', '111122222222334556000000..');
-- soundex(text): a letter and three digits, the same for words that sound alike in English.
CREATE MACRO soundex(t) AS CASE WHEN t = '' THEN '' ELSE tarn_soundex(system.main.regexp_replace(upper(t), '[^A-Z]', '', 'g')) END;
-- tarn_soundex is soundex of letters alone.
CREATE MACRO tarn_soundex(t) AS t[1] || rpad(left(system.main.replace(system.main.substr(
    system.main.regexp_replace(system.main.regexp_replace(system.main.regexp_replace(system.main.regexp_replace(system.main.regexp_replace(system.main.regexp_replace(
    tarn_sounds(t[1]) || system.main.replace(tarn_sounds(t[2:]), '.', ''), '1+', '1', 'g'), '2+', '2', 'g'), '3+', '3', 'g'), '4+', '4', 'g'), '5+', '5', 'g'), '6+', '6', 'g'), 2), '0', ''), 3), 3, '0');
-- index(text, what) is strpos.
CREATE MACRO index(t, w) AS system.main.strpos(t, w);
-- char2hexint(text): the digits of its letters in UTF-16.
CREATE MACRO char2hexint(t) AS list_aggregate(list_transform(string_split(t, ''), lambda _c53: printf('%04X', unicode(_c53))), 'string_agg', '');
-- tarn_short is a number with three digits and a unit.
CREATE MACRO tarn_short(x, unit) AS CASE WHEN abs(x) < 10 THEN system.main.rtrim(system.main.rtrim(printf('%.2f', x), '0'), '.') WHEN abs(x) < 100 THEN system.main.rtrim(system.main.rtrim(printf('%.1f', x), '0'), '.') ELSE printf('%.0f', x) END || unit;
-- format_number(number): with three digits and a unit: 1.23K, 12.3M, 123B.
CREATE MACRO format_number(x) AS CASE WHEN abs(x) < 1000 THEN CAST(CAST(trunc(x) AS BIGINT) AS VARCHAR) WHEN abs(x) < 1000000 THEN tarn_short(x / 1e3, 'K') WHEN abs(x) < 1000000000 THEN tarn_short(x / 1e6, 'M')
    WHEN abs(x) < 1000000000000 THEN tarn_short(x / 1e9, 'B') WHEN abs(x) < 1000000000000000 THEN tarn_short(x / 1e12, 'T') ELSE tarn_short(x / 1e15, 'Q') END;
-- parse_data_size(text): the bytes of a size like 2.3MB; units are powers of 1024.
CREATE MACRO parse_data_size(t) AS CASE WHEN regexp_full_match(t, '\d+(\.\d+)?(B|[kMGTPEZY]B)')
    THEN CAST(trunc(CAST(system.main.regexp_extract(t, '^[0-9.]+') AS DECIMAL(12, 6)) * CAST(pow(1024, strpos('BkMGTPEZY', system.main.regexp_extract(t, '[A-Za-z]')) - 1) AS DECIMAL(26, 0))) AS DECIMAL(38, 0))
    WHEN t IS NOT NULL THEN tarn_error('no size: ' || t) END;
-- tarn_type are Trino's words for a type that the engine names.
CREATE MACRO tarn_type(t) AS CASE t WHEN '"NULL"' THEN 'unknown' WHEN 'FLOAT' THEN 'real' WHEN 'BLOB' THEN 'varbinary' WHEN 'TIMESTAMP' THEN 'timestamp(6)' WHEN 'TIMESTAMP_MS' THEN 'timestamp(3)' WHEN 'TIMESTAMP_NS' THEN 'timestamp(9)'
    WHEN 'TIMESTAMP WITH TIME ZONE' THEN 'timestamp(6) with time zone' WHEN 'TIME' THEN 'time(6)' WHEN 'INTERVAL' THEN 'interval day to second' WHEN 'HUGEINT' THEN 'decimal(38,0)' WHEN 'UBIGINT' THEN 'bigint' ELSE lower(t) END;
-- typeof(value): the name of its type, as Trino has it for plain types and lists and maps of them.
CREATE MACRO typeof(x) AS tarn_typeof(system.main.typeof(x));
-- tarn_typeof looks into lists and maps.
CREATE MACRO tarn_typeof(t) AS CASE WHEN regexp_full_match(t, '[A-Z ]+\[\]') THEN 'array(' || tarn_type(t[:-3]) || ')'
    WHEN regexp_full_match(t, 'MAP\([A-Z ]+, [A-Z ]+\)') THEN 'map(' || tarn_type(system.main.regexp_extract(t, '\((.*),', 1)) || ', ' || tarn_type(system.main.regexp_extract(t, ', (.*)\)', 1)) || ')' ELSE tarn_type(t) END;
-- tarn_text is the word null for NULL.
CREATE MACRO tarn_text(t) AS coalesce(t, 'null');
-- title_case(text): each word with a capital letter.
CREATE MACRO title_case(t) AS array_to_string(list_transform(regexp_extract_all(t, '[\pL\pN]+|[^\pL\pN]+'), lambda _w54: upper(_w54[1]) || lower(_w54[2:])), '');
-- parse_presto_data_size(text) is parse_data_size.
CREATE MACRO parse_presto_data_size(t) AS parse_data_size(t);
