-- date_add(unit, n, time): n units later.
CREATE MACRO date_add(u, n, t) AS t + n * CAST('1 ' || u AS INTERVAL);
-- date_diff(unit, from, to): the number of whole units between.
CREATE MACRO date_diff(u, a, b) AS date_sub(u, a, b);
-- day_of_week(time): Monday is 1, Sunday 7.
CREATE MACRO day_of_week(t) AS isodow(t);
-- from_iso8601_timestamp(text): a time written as 2026-01-02T03:04:05Z.
CREATE MACRO from_iso8601_timestamp(t) AS CAST(t AS TIMESTAMP);
-- from_unixtime(seconds): the time so many seconds after 1970.
CREATE MACRO from_unixtime(s) AS to_timestamp(s) AT TIME ZONE 'UTC';
-- day_of_month(time): counted from 1.
CREATE MACRO day_of_month(t) AS dayofmonth(t);
-- day_of_year(time): counted from 1.
CREATE MACRO day_of_year(t) AS dayofyear(t);
-- date_format(time, format): MySQL's letters, of which %i (minutes) and %s (seconds) are not strftime's.
CREATE MACRO date_format(t, f) AS strftime(t, system.main.replace(system.main.replace(f, '%i', '%M'), '%s', '%S'));
-- to_unixtime(time): seconds after 1970.
CREATE MACRO to_unixtime(t) AS epoch(t);
