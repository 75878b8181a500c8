-- tarn_ipv4 is the number of an address of four parts.
CREATE MACRO tarn_ipv4(t) AS CAST(split_part(t, '.', 1) AS UHUGEINT) * 16777216 + CAST(split_part(t, '.', 2) AS UHUGEINT) * 65536
    + CAST(split_part(t, '.', 3) AS UHUGEINT) * 256 + CAST(split_part(t, '.', 4) AS UHUGEINT) + CAST(281470681743360 AS UHUGEINT);
-- tarn_hex are the groups of one side of :: in an address of IPv6, each of four digits.
CREATE MACRO tarn_hex(t) AS CASE WHEN t = '' THEN '' ELSE list_aggregate(list_transform(string_split(t, ':'), lambda _g1: lpad(_g1, 4, '0')), 'string_agg', '') END;
-- tarn_halves is the number of 32 hexadecimal digits, NULL if there are more or less.
CREATE MACRO tarn_halves(h) AS CASE WHEN system.main.length(h) = 32
    THEN CAST(TRY_CAST('0x' || h[1:16] AS UBIGINT) AS UHUGEINT) * 18446744073709551616 + CAST(TRY_CAST('0x' || h[17:32] AS UBIGINT) AS UHUGEINT) END;
-- tarn_ipv6 is the number of an address of eight groups, of which :: stands for some.
CREATE MACRO tarn_ipv6(t) AS tarn_halves(CASE WHEN instr(t, '::') > 0
    THEN tarn_hex(split_part(t, '::', 1)) || system.main.repeat('0', 32 - system.main.length(tarn_hex(split_part(t, '::', 1))) - system.main.length(tarn_hex(split_part(t, '::', 2)))) || tarn_hex(split_part(t, '::', 2))
    ELSE tarn_hex(t) END);
-- tarn_address is the number of an address, IPv4 within ::ffff:0:0/96; NULL for what is none.
CREATE MACRO tarn_address(t) AS CASE
    WHEN regexp_full_match(t, '(?i:::ffff:)?((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)') THEN tarn_ipv4(system.main.regexp_replace(t, '^.*:', ''))
    WHEN regexp_full_match(t, '([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4})*)?(::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4})*)?)?') THEN tarn_ipv6(t) END;
