-- e(): Euler's number.
CREATE MACRO e() AS exp(1);
-- infinity(): the greatest double.
CREATE MACRO infinity() AS CAST('inf' AS DOUBLE);
-- nan(): what is not a number.
CREATE MACRO nan() AS CAST('nan' AS DOUBLE);
-- is_nan(number): whether it is nan.
CREATE MACRO is_nan(x) AS isnan(CAST(x AS DOUBLE));
-- is_finite(number): whether it is neither infinite nor nan.
CREATE MACRO is_finite(x) AS isfinite(CAST(x AS DOUBLE));
-- is_infinite(number): whether it is infinite.
CREATE MACRO is_infinite(x) AS isinf(CAST(x AS DOUBLE));
-- tarn_cbrt makes a cube root exact where it is a whole number.
CREATE MACRO tarn_cbrt(y, x) AS CASE WHEN x = 0 OR NOT isfinite(y) THEN y ELSE y - (y * y * y - x) / (3 * y * y) END;
-- cbrt(number): the cube root.
CREATE MACRO cbrt(x) AS tarn_cbrt(system.main.cbrt(x), CAST(x AS DOUBLE));
-- sqrt(number): the square root; nan for less than zero.
CREATE MACRO sqrt(x) AS CASE WHEN x < 0 THEN CAST('nan' AS DOUBLE) ELSE system.main.sqrt(x) END;
-- tarn_log is the natural logarithm, -infinity of zero and nan for less.
CREATE MACRO tarn_log(x) AS CASE WHEN x > 0 THEN system.main.ln(x) WHEN x = 0 THEN CAST('-inf' AS DOUBLE) WHEN x < 0 THEN CAST('nan' AS DOUBLE) END;
-- ln(number): the natural logarithm.
CREATE MACRO ln(x) AS tarn_log(x);
-- log2(number): the logarithm to the base 2.
CREATE MACRO log2(x) AS CASE WHEN x > 0 THEN system.main.log2(x) ELSE tarn_log(x) END;
-- log10(number): the logarithm to the base 10.
CREATE MACRO log10(x) AS CASE WHEN x > 0 THEN system.main.log10(x) ELSE tarn_log(x) END;
-- log(base, number): the logarithm to any base; with one argument, to the base 10.
CREATE MACRO log(x) AS system.main.log10(x), (b, x) AS tarn_log(x) / tarn_log(b);
-- acos(number): the angle, nan for what has none.
CREATE MACRO acos(x) AS CASE WHEN abs(x) > 1 THEN CAST('nan' AS DOUBLE) ELSE system.main.acos(x) END;
-- asin(number): the angle, nan for what has none.
CREATE MACRO asin(x) AS CASE WHEN abs(x) > 1 THEN CAST('nan' AS DOUBLE) ELSE system.main.asin(x) END;
-- truncate(number): without its fraction; with a second number, with so many digits of it.
CREATE MACRO truncate(x) AS trunc(x), (x, d) AS trunc(x, CAST(d AS INTEGER));
-- rand(): from 0 to 1; rand(n): a whole number from 0 to n - 1; rand(m, n): from m to n - 1.
CREATE MACRO rand() AS system.main.random(), (n) AS CAST(floor(system.main.random() * n) AS BIGINT), (m, n) AS m + CAST(floor(system.main.random() * (n - m)) AS BIGINT);
-- random() is rand.
CREATE MACRO random() AS system.main.random(), (n) AS rand(n), (m, n) AS rand(m, n);
-- width_bucket(number, from, to, n): which of n bins of the same width it falls into; width_bucket(number, bounds): which between the bounds.
CREATE MACRO width_bucket(x, a, b, n) AS CASE WHEN x IS NULL OR a IS NULL OR b IS NULL OR n IS NULL THEN NULL WHEN a < b THEN CASE WHEN x < a THEN 0 WHEN x >= b THEN n + 1 ELSE CAST(floor((x - a) * CAST(n AS DOUBLE) / (b - a)) AS BIGINT) + 1 END
    WHEN x > a THEN 0 WHEN x <= b THEN n + 1 ELSE CAST(floor((a - x) * CAST(n AS DOUBLE) / (a - b)) AS BIGINT) + 1 END,
    (x, bins) AS CASE WHEN x IS NOT NULL THEN len(list_filter(bins, lambda _b0: _b0 <= x)) END;
-- tarn_digits are the digits of all bases.
CREATE MACRO tarn_digits() AS '0123456789abcdefghijklmnopqrstuvwxyz';
-- tarn_digit is the value of a digit to a base.
CREATE MACRO tarn_digit(c, r) AS CASE WHEN r IS NULL THEN NULL WHEN strpos(tarn_digits(), c) BETWEEN 1 AND r THEN strpos(tarn_digits(), c) - 1 ELSE tarn_error('not a digit of that base: ' || c) END;
-- from_base(text, base): the number that the digits stand for.
CREATE MACRO from_base(t, r) AS CASE WHEN r IS NULL THEN NULL WHEN left(t, 1) = '-' THEN -1 ELSE 1 END * CAST(list_reduce(list_transform(string_split(lower(ltrim(t, '-+')), ''), lambda _c45: CAST(tarn_digit(_c45, r) AS HUGEINT)), lambda _n45, _d45: _n45 * r + _d45) AS BIGINT);
-- to_base(number, base): its digits; those above 9 are small letters.
CREATE MACRO to_base(x, r) AS CASE WHEN x < 0 THEN '-' ELSE '' END || lower(system.main.to_base(abs(x), r));
-- bitwise_and(a, b): the bits of both.
CREATE MACRO bitwise_and(a, b) AS CAST(a AS BIGINT) & CAST(b AS BIGINT);
-- bitwise_or(a, b): the bits of either.
CREATE MACRO bitwise_or(a, b) AS CAST(a AS BIGINT) | CAST(b AS BIGINT);
-- bitwise_xor(a, b): the bits of one of them.
CREATE MACRO bitwise_xor(a, b) AS xor(CAST(a AS BIGINT), CAST(b AS BIGINT));
-- bitwise_not(a): the bits that it has not.
CREATE MACRO bitwise_not(a) AS ~CAST(a AS BIGINT);
-- tarn_signed is the number of 64 bits that such a one without sign stands for.
CREATE MACRO tarn_signed(x) AS CASE WHEN x >= 9223372036854775808 THEN CAST(x - 18446744073709551616 AS BIGINT) ELSE CAST(x AS BIGINT) END;
-- tarn_unsigned is the number without sign that has the same 64 bits.
CREATE MACRO tarn_unsigned(x) AS CASE WHEN x < 0 THEN CAST(x AS HUGEINT) + 18446744073709551616 ELSE CAST(x AS HUGEINT) END;
-- bitwise_left_shift(a, n): its bits n places up, of 64.
CREATE MACRO bitwise_left_shift(a, n) AS CASE WHEN n > 63 THEN 0 ELSE tarn_signed((tarn_unsigned(a) * CAST(pow(2, n) AS HUGEINT)) % 18446744073709551616) END;
-- bitwise_right_shift(a, n): its 64 bits n places down, filled with 0.
CREATE MACRO bitwise_right_shift(a, n) AS CASE WHEN n > 63 THEN 0 ELSE tarn_signed(tarn_unsigned(a) // CAST(pow(2, n) AS HUGEINT)) END;
-- bitwise_right_shift_arithmetic(a, n): its bits n places down, filled with its sign.
CREATE MACRO bitwise_right_shift_arithmetic(a, n) AS CASE WHEN n > 62 THEN CASE WHEN a < 0 THEN -1 ELSE 0 END ELSE CAST(floor(CAST(a AS HUGEINT) / CAST(pow(2, n) AS DECIMAL(38, 0))) AS BIGINT) END;
-- bit_count(number): how many bits of 64 are set; with a second number, of so many.
CREATE MACRO bit_count(x) AS system.main.bit_count(CAST(x AS BIGINT)), (x, bits) AS CASE WHEN x IS NULL OR bits IS NULL THEN NULL WHEN bits = 64 THEN system.main.bit_count(CAST(x AS BIGINT))
    WHEN x BETWEEN -CAST(pow(2, bits - 1) AS HUGEINT) AND CAST(pow(2, bits - 1) AS HUGEINT) - 1 THEN system.main.bit_count(CAST(x AS BIGINT) & CAST(CAST(pow(2, bits) AS HUGEINT) - 1 AS BIGINT))
    ELSE tarn_error('the number does not have so few bits') END;
-- wilson_interval_lower(successes, trials, z): the lower end of Wilson's interval.
CREATE MACRO wilson_interval_lower(k, n, z) AS (k + z * z / 2.0 - z * system.main.sqrt(k * (n - k) / CAST(n AS DOUBLE) + z * z / 4.0)) / (n + z * z);
-- wilson_interval_upper(successes, trials, z): the upper end of Wilson's interval.
CREATE MACRO wilson_interval_upper(k, n, z) AS (k + z * z / 2.0 + z * system.main.sqrt(k * (n - k) / CAST(n AS DOUBLE) + z * z / 4.0)) / (n + z * z);
-- cosine_similarity(list, list): the cosine between two lists of numbers.
CREATE MACRO cosine_similarity(a, b) AS list_cosine_similarity(CAST(a AS DOUBLE[]), CAST(b AS DOUBLE[]));
-- cosine_distance(list, list): one less the cosine.
CREATE MACRO cosine_distance(a, b) AS 1 - cosine_similarity(a, b);
-- dot_product(list, list): the sum of the products.
CREATE MACRO dot_product(a, b) AS list_dot_product(CAST(a AS DOUBLE[]), CAST(b AS DOUBLE[]));
-- euclidean_distance(list, list): the distance of two points.
CREATE MACRO euclidean_distance(a, b) AS list_distance(CAST(a AS DOUBLE[]), CAST(b AS DOUBLE[]));
-- tarn_number is a decimal as a double, and else the same.
CREATE MACRO tarn_number(x BIGINT) AS x, (x DOUBLE) AS x, (x DECIMAL(38, 10)) AS CAST(x AS DOUBLE), (x) AS x;
