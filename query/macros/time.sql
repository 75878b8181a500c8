-- date_add(unit, n, time): n units later.
CREATE MACRO date_add(u, n, t) AS t + n * CAST('1 ' || u AS INTERVAL);
-- date_diff(unit, from, to): the number of whole units between.
CREATE MACRO date_diff(u, a, b) AS date_sub(u, a, b);
-- day_of_week(time): Monday is 1, Sunday 7.
CREATE MACRO day_of_week(t) AS isodow(t);
-- dow(time) is day_of_week.
CREATE MACRO dow(t) AS isodow(t);
-- day_of_month(time): counted from 1.
CREATE MACRO day_of_month(t) AS dayofmonth(t);
-- day_of_year(time): counted from 1.
CREATE MACRO day_of_year(t) AS dayofyear(t);
-- last_day_of_month(time): the last day of its month.
CREATE MACRO last_day_of_month(t) AS last_day(t);
-- from_iso8601_timestamp(text): a time written as 2026-01-02T03:04:05+02:00, in UTC.
CREATE MACRO from_iso8601_timestamp(t) AS CAST(CAST(t AS TIMESTAMPTZ) AS TIMESTAMP);
-- from_iso8601_date(text): a day written as 2026-01-02.
CREATE MACRO from_iso8601_date(t) AS CAST(t AS DATE);
-- to_iso8601(time): the text 2026-01-02T03:04:05.678; a time with zone ends in Z.
CREATE MACRO to_iso8601(t TIMESTAMP) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%g'),
    (t TIMESTAMPTZ) AS strftime(timezone('UTC', t), '%Y-%m-%dT%H:%M:%S.%gZ'),
    (t DATE) AS strftime(t, '%Y-%m-%d');
-- from_unixtime(seconds): the time so many seconds after 1970.
CREATE MACRO from_unixtime(s) AS timezone('UTC', to_timestamp(s));
-- to_unixtime(time): seconds after 1970.
CREATE MACRO to_unixtime(t) AS epoch(t);
-- at_timezone(time, zone): the clock of that zone at the time, as AT TIME ZONE.
CREATE MACRO at_timezone(t TIMESTAMP, z) AS timezone(z, timezone('UTC', t)), (t TIMESTAMPTZ, z) AS timezone(z, t);
-- with_timezone(time, zone): the time, in UTC, when a clock of that zone shows it.
CREATE MACRO with_timezone(t, z) AS timezone('UTC', timezone(z, CAST(t AS TIMESTAMP)));
-- tarn_at_zone(zone, time) stands for x AT TIME ZONE z: a time without zone is one in UTC.
CREATE MACRO tarn_at_zone(z, t TIMESTAMP) AS timezone(z, timezone('UTC', t)), (z, t) AS timezone(z, t);
-- tarn_utc reads a text, also one of JSON, with its zone, and leaves times as they are.
CREATE MACRO tarn_utc(t VARCHAR) AS CAST(trim(t, '"') AS TIMESTAMPTZ), (t TIMESTAMP) AS t, (t TIMESTAMPTZ) AS t, (t DATE) AS t, (t) AS t;
-- tarn_try_utc is tarn_utc for TRY_CAST.
CREATE MACRO tarn_try_utc(t VARCHAR) AS TRY_CAST(trim(t, '"') AS TIMESTAMPTZ), (t TIMESTAMP) AS t, (t TIMESTAMPTZ) AS t, (t DATE) AS t, (t) AS t;
-- tarn_as chooses what a text means beside another operand: the time in UTC beside a time, else itself.
CREATE MACRO tarn_as(o TIMESTAMP, t, utc) AS CAST(utc AS TIMESTAMP), (o TIMESTAMP[], t, utc) AS CAST(utc AS TIMESTAMP),
    (o DATE, t, utc) AS CAST(utc AS DATE), (o VARCHAR, t, utc) AS t, (o, t, utc) AS t;
