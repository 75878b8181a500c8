-- At which hours of the day is how much going on?
-- for: operations, security
-- look for: hours in which people are at work when nobody should be.
SELECT hour(eventTime) AS at_hour, count(*) AS calls, sum(CASE WHEN readOnly THEN 0 ELSE 1 END) AS changes,
       sum(CASE WHEN sessionCredentialFromConsole = 'true' THEN 1 ELSE 0 END) AS in_console, count(errorCode) AS failed
FROM $store
WHERE eventTime >= $from AND eventTime < $to
GROUP BY 1
ORDER BY 1
