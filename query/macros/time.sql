-- date_add(unit, n, time): n units later.
CREATE MACRO date_add(u, n, t DATE) AS CASE WHEN lower(u) IN ('hour', 'minute', 'second', 'millisecond') THEN tarn_error('a date has no ' || u) ELSE CAST(t + n * CAST('1 ' || u AS INTERVAL) AS DATE) END,
    (u, n, t) AS t + n * CAST('1 ' || u AS INTERVAL);
-- date_diff(unit, from, to): the number of whole units between.
CREATE MACRO date_diff(u, a, b) AS date_sub(u, a, b);
-- date_trunc(unit, time): the start of the unit that it is in.
CREATE MACRO date_trunc(u, t DATE) AS CAST(system.main.date_trunc(u, t) AS DATE), (u, t TIMESTAMP) AS system.main.date_trunc(u, t), (u, t TIMESTAMPTZ) AS system.main.date_trunc(u, t), (u, t) AS system.main.date_trunc(u, t);
-- day_of_week(time): Monday is 1, Sunday 7.
CREATE MACRO day_of_week(t) AS isodow(t);
-- dow(time) is day_of_week.
CREATE MACRO dow(t) AS isodow(t);
-- day_of_month(time): counted from 1.
CREATE MACRO day_of_month(t) AS dayofmonth(t);
-- day_of_year(time): counted from 1.
CREATE MACRO day_of_year(t) AS dayofyear(t);
-- doy(time) is day_of_year.
CREATE MACRO doy(t) AS dayofyear(t);
-- week_of_year(time): the week of ISO 8601, from 1 to 53.
CREATE MACRO week_of_year(t) AS week(t);
-- year_of_week(time): the year that its week belongs to.
CREATE MACRO year_of_week(t) AS isoyear(t);
-- yow(time) is year_of_week.
CREATE MACRO yow(t) AS isoyear(t);
-- millisecond(time): those behind its second.
CREATE MACRO millisecond(t) AS system.main.millisecond(t) % 1000;
-- last_day_of_month(time): the last day of its month.
CREATE MACRO last_day_of_month(t) AS last_day(t);
-- from_iso8601_timestamp(text): a time written as 2026-01-02T03:04:05+02:00, in UTC; seconds and minutes may be missing.
CREATE MACRO from_iso8601_timestamp(t) AS CAST(CAST(system.main.regexp_replace(system.main.regexp_replace(t, 'T(\d\d)(Z|[+-]|$)', 'T\1:00\2'), 'T(\d\d:\d\d)(Z|[+-]|$)', 'T\1:00\2') AS TIMESTAMPTZ) AS TIMESTAMP);
-- from_iso8601_timestamp_nanos(text): the same with nine digits.
CREATE MACRO from_iso8601_timestamp_nanos(t) AS make_timestamp_ns(epoch_ns(CAST(CAST(system.main.regexp_replace(t, '\.\d+', '') AS TIMESTAMPTZ) AS TIMESTAMP))
    + CAST(rpad(system.main.regexp_extract(t, '\.(\d+)', 1), 9, '0') AS BIGINT));
-- from_iso8601_date(text): a day written as 2026-01-02, 2026-W01, 2026-W01-5 or 2026-002.
CREATE MACRO from_iso8601_date(t) AS CASE WHEN regexp_full_match(t, '\d{4}-W\d\d') THEN CAST(strptime(t || '-1', '%G-W%V-%u') AS DATE)
    WHEN regexp_full_match(t, '\d{4}-W\d\d-\d') THEN CAST(strptime(t, '%G-W%V-%u') AS DATE) WHEN regexp_full_match(t, '\d{4}-\d{3}') THEN CAST(strptime(t, '%Y-%j') AS DATE) ELSE CAST(t AS DATE) END;
-- to_iso8601(time): the text 2026-01-02T03:04:05.678; a time with zone ends in Z.
CREATE MACRO to_iso8601(t TIMESTAMP) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%g'),
    (t TIMESTAMPTZ) AS strftime(timezone('UTC', t), '%Y-%m-%dT%H:%M:%S.%gZ'),
    (t DATE) AS strftime(t, '%Y-%m-%d');
-- from_unixtime(seconds): the time so many seconds after 1970; with a zone, or hours and minutes, the clock there.
CREATE MACRO from_unixtime(s) AS timezone('UTC', to_timestamp(s)), (s, z) AS timezone(z, to_timestamp(s)), (s, h, m) AS timezone('UTC', to_timestamp(s)) + to_minutes(CAST(60 * h + m AS BIGINT));
-- from_unixtime_nanos(nanoseconds): the time so many after 1970.
CREATE MACRO from_unixtime_nanos(n) AS make_timestamp_ns(CAST(trunc(n) AS BIGINT));
-- to_unixtime(time): seconds after 1970.
CREATE MACRO to_unixtime(t) AS epoch(t);
-- to_milliseconds(interval): how long it is; of a number, an interval.
CREATE MACRO to_milliseconds(i INTERVAL) AS epoch_ms(i), (n) AS system.main.to_milliseconds(n);
-- current_timezone(): the zone of all times.
CREATE MACRO current_timezone() AS 'UTC';
-- tarn_unit is how many milliseconds a unit of a duration has.
CREATE MACRO tarn_unit(u) AS CASE u WHEN 'ns' THEN 1e-6 WHEN 'us' THEN 1e-3 WHEN 'ms' THEN 1e0 WHEN 's' THEN 1e3 WHEN 'm' THEN 6e4 WHEN 'h' THEN 3.6e6 WHEN 'd' THEN 8.64e7 END;
-- parse_duration(text): the interval that is written as 42.8ms, 3.81 d or 5m.
CREATE MACRO parse_duration(t) AS CASE WHEN regexp_full_match(t, '\s*\d+(\.\d+)?\s*(ns|us|ms|s|m|h|d)\s*')
    THEN system.main.to_milliseconds(round(CAST(system.main.regexp_extract(t, '[0-9.]+') AS DOUBLE) * tarn_unit(system.main.regexp_extract(t, '[a-z]+')))) WHEN t IS NOT NULL THEN tarn_error('no duration: ' || t) END;
-- tarn_some is a number of things, nothing of none.
CREATE MACRO tarn_some(n, one) AS CASE WHEN n = 1 THEN '1 ' || one WHEN n > 1 THEN n || ' ' || one || 's' END;
-- human_readable_seconds(number): weeks, days, hours, minutes and seconds in words.
CREATE MACRO human_readable_seconds(x) AS CASE WHEN x IS NULL THEN NULL WHEN round(abs(x)) = 0 THEN '0 seconds' ELSE list_transform([CAST(round(abs(x)) AS BIGINT)], lambda _s55:
    concat_ws(', ', tarn_some(_s55 // 604800, 'week'), tarn_some(_s55 // 86400 % 7, 'day'), tarn_some(_s55 // 3600 % 24, 'hour'), tarn_some(_s55 // 60 % 60, 'minute'), tarn_some(_s55 % 60, 'second')))[1] END;
-- at_timezone(time, zone): the clock of that zone at the time, as AT TIME ZONE.
CREATE MACRO at_timezone(t TIMESTAMP, z) AS timezone(z, timezone('UTC', t)), (t TIMESTAMPTZ, z) AS timezone(z, t);
-- with_timezone(time, zone): the time, in UTC, when a clock of that zone shows it.
CREATE MACRO with_timezone(t, z) AS timezone('UTC', timezone(z, CAST(t AS TIMESTAMP)));
-- tarn_at_zone(zone, time) stands for x AT TIME ZONE z: a time without zone is one in UTC.
CREATE MACRO tarn_at_zone(z, t TIMESTAMP) AS timezone(z, timezone('UTC', t)), (z, t) AS timezone(z, t);
-- tarn_utc reads a text, also one of JSON, with its zone, and leaves times as they are.
CREATE MACRO tarn_utc(t VARCHAR) AS CAST(system.main.trim(t, '"') AS TIMESTAMPTZ), (t TIMESTAMP) AS t, (t TIMESTAMPTZ) AS t, (t DATE) AS t, (t) AS t;
-- tarn_try_utc is tarn_utc for TRY_CAST.
CREATE MACRO tarn_try_utc(t VARCHAR) AS TRY_CAST(system.main.trim(t, '"') AS TIMESTAMPTZ), (t TIMESTAMP) AS t, (t TIMESTAMPTZ) AS t, (t DATE) AS t, (t) AS t;
-- tarn_as chooses what a text means beside another operand: the time in UTC beside a time, else itself.
CREATE MACRO tarn_as(o TIMESTAMP, t, utc) AS CAST(utc AS TIMESTAMP), (o TIMESTAMP[], t, utc) AS CAST(utc AS TIMESTAMP),
    (o DATE, t, utc) AS CAST(utc AS DATE), (o VARCHAR, t, utc) AS t, (o, t, utc) AS t;
-- tarn_later is n units later, as a time.
CREATE MACRO tarn_later(u, n, t) AS t + n * CAST('1 ' || u AS INTERVAL);
-- tarn_iso_time is to_iso8601 of a time.
CREATE MACRO tarn_iso_time(t) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%g');
-- tarn_zone is the zone of a time.
CREATE MACRO tarn_zone(t) AS CASE WHEN t IS NOT NULL THEN 'UTC' END;
-- tarn_parse is a time with a zone by a format, in UTC.
CREATE MACRO tarn_parse(t, f) AS timezone('UTC', CAST(strptime(t, f) AS TIMESTAMPTZ));
-- tarn_time_text(t): a time as text with milliseconds, or with microseconds if it has any.
CREATE MACRO tarn_time_text(t) AS CASE WHEN epoch_us(t) % 1000 = 0 THEN strftime(t, '%Y-%m-%d %H:%M:%S.%g') ELSE strftime(t, '%Y-%m-%d %H:%M:%S.%f') END;
