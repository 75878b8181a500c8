-- to_utf8(text): its bytes.
CREATE MACRO to_utf8(t) AS encode(t);
-- from_utf8(bytes): the text; NULL for what is no UTF-8.
CREATE MACRO from_utf8(b) AS list_transform([b], lambda _x2: TRY(decode(_x2)))[1];
-- tarn_md5 is the hash of bytes as bytes.
CREATE MACRO tarn_md5(b) AS unhex(system.main.md5(b));
-- tarn_sha1 is the hash of bytes as bytes.
CREATE MACRO tarn_sha1(b) AS unhex(system.main.sha1(b));
-- tarn_sha256 is the hash of bytes as bytes.
CREATE MACRO tarn_sha256(b) AS unhex(system.main.sha256(b));
-- tarn_xor are 64 bytes, each changed by the same one: bits are the 512 to change by.
CREATE MACRO tarn_xor(b, bits) AS CAST(xor(CAST(unhex(rpad(hex(b), 128, '0')) AS BIT), CAST(system.main.repeat(bits, 64) AS BIT)) AS BLOB);
-- tarn_hmac_md5 is RFC 2104 with a key of at most 64 bytes.
CREATE MACRO tarn_hmac_md5(d, k) AS unhex(system.main.md5(tarn_xor(k, '01011100') || unhex(system.main.md5(tarn_xor(k, '00110110') || d))));
-- hmac_md5(bytes, key): the hash as bytes.
CREATE MACRO hmac_md5(d, k) AS tarn_hmac_md5(d, CASE WHEN octet_length(k) > 64 THEN unhex(system.main.md5(k)) ELSE k END);
-- tarn_hmac_sha1 is RFC 2104 with a key of at most 64 bytes.
CREATE MACRO tarn_hmac_sha1(d, k) AS unhex(system.main.sha1(tarn_xor(k, '01011100') || unhex(system.main.sha1(tarn_xor(k, '00110110') || d))));
-- hmac_sha1(bytes, key): the hash as bytes.
CREATE MACRO hmac_sha1(d, k) AS tarn_hmac_sha1(d, CASE WHEN octet_length(k) > 64 THEN unhex(system.main.sha1(k)) ELSE k END);
-- tarn_hmac_sha256 is RFC 2104 with a key of at most 64 bytes.
CREATE MACRO tarn_hmac_sha256(d, k) AS unhex(system.main.sha256(tarn_xor(k, '01011100') || unhex(system.main.sha256(tarn_xor(k, '00110110') || d))));
-- hmac_sha256(bytes, key): the hash as bytes.
CREATE MACRO hmac_sha256(d, k) AS tarn_hmac_sha256(d, CASE WHEN octet_length(k) > 64 THEN unhex(system.main.sha256(k)) ELSE k END);
-- tarn_bytes are the bytes as a list of numbers.
CREATE MACRO tarn_bytes(b) AS list_transform(range(octet_length(b)), lambda _i3: CAST('0x' || system.main.substr(hex(b), 2 * _i3 + 1, 2) AS BIGINT));
-- crc32(bytes): the checksum as a number.
CREATE MACRO crc32(b) AS xor(4294967295, list_reduce(tarn_bytes(b),
    lambda _c4, _x4: list_reduce([xor(_c4, _x4), 0, 0, 0, 0, 0, 0, 0, 0], lambda _s4, _i4: xor(_s4 >> 1, (_s4 & 1) * 3988292384)), CAST(4294967295 AS BIGINT)));
-- to_base64url(bytes): base64 with - and _.
CREATE MACRO to_base64url(b) AS translate(to_base64(b), '+/', '-_');
-- from_base64url(text): the bytes.
CREATE MACRO from_base64url(t) AS from_base64(rpad(translate(t, '-_', '+/'), CAST(ceil(system.main.length(t) / 4.0) AS INTEGER) * 4, '='));
-- tarn_fives are the bits of the bytes by fives, filled up with 0.
CREATE MACRO tarn_fives(b) AS list_transform(range(CAST(ceil(octet_length(b) * 1.6) AS BIGINT)), lambda _i5: rpad(system.main.substr(CAST(CAST(b AS BIT) AS VARCHAR), 5 * _i5 + 1, 5), 5, '0'));
-- to_base32(bytes): base32.
CREATE MACRO to_base32(b) AS CASE WHEN octet_length(b) = 0 THEN '' ELSE rpad(list_aggregate(list_transform(tarn_fives(b),
    lambda _f6: system.main.substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', CAST(CAST(_f6 AS BIT) AS INTEGER) + 1, 1)), 'string_agg', ''), CAST(ceil(octet_length(b) / 5.0) AS INTEGER) * 8, '=') END;
-- from_base32(text): the bytes.
CREATE MACRO from_base32(t) AS CASE WHEN system.main.rtrim(t, '=') = '' THEN encode('') ELSE CAST(CAST(system.main.substr(
    list_aggregate(list_transform(string_split(system.main.rtrim(t, '='), ''), lambda _c7: right(CAST(CAST(CAST(strpos('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', _c7) - 1 AS INTEGER) AS BIT) AS VARCHAR), 5)), 'string_agg', ''),
    1, system.main.length(system.main.rtrim(t, '=')) * 5 // 8 * 8) AS BIT) AS BLOB) END;
-- to_big_endian_64(number): its eight bytes.
CREATE MACRO to_big_endian_64(n) AS unhex(lpad(to_hex(CAST(n AS BIGINT)), 16, '0'));
-- to_big_endian_32(number): its four bytes.
CREATE MACRO to_big_endian_32(n) AS unhex(right(lpad(to_hex(CAST(n AS BIGINT)), 16, '0'), 8));
-- from_big_endian_64(bytes): the number of eight bytes.
CREATE MACRO from_big_endian_64(b) AS CASE WHEN octet_length(b) = 8 THEN CAST(CAST(b AS BIT) AS BIGINT) ELSE tarn_error('from_big_endian_64 takes eight bytes') END;
-- from_big_endian_32(bytes): the number of four bytes.
CREATE MACRO from_big_endian_32(b) AS CASE WHEN octet_length(b) = 4 THEN CAST(CAST(b AS BIT) AS INTEGER) ELSE tarn_error('from_big_endian_32 takes four bytes') END;
-- tarn_reverse_bytes are bytes from the end to the start.
CREATE MACRO tarn_reverse_bytes(b) AS unhex(list_aggregate(list_reverse(list_transform(range(octet_length(b)), lambda _i8: system.main.substr(hex(b), 2 * _i8 + 1, 2))), 'string_agg', ''));
