-- tarn_divide(a, b): a / b. Of decimals it has as many digits behind the point as the operand with more of them; by zero it is NULL.
CREATE MACRO tarn_divide(a, b) AS cast_to_type(a // b, a * 1000000000 + b * 1000000000);
-- tarn_half_up(x): floating point without its fraction, as a cast to a whole number wants it: 2.5 is 3, not 2. What is no floating point stays.
CREATE MACRO tarn_half_up(x) AS CASE WHEN system.main.typeof(x) IN ('DOUBLE', 'FLOAT') THEN cast_to_type(round(TRY_CAST(x AS DOUBLE)), x) ELSE x END;
