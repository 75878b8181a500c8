-- Which share of the calls to each service fails?
-- for: operations
-- param least number = 50: fewest calls
-- look for: services whose share is higher than last week's.
SELECT eventSource AS service, count(*) AS calls, count(errorCode) AS failed,
       round(100.0 * count(errorCode) / count(*), 1) AS percent,
       count(DISTINCT errorCode) AS different_errors
FROM $store
WHERE eventTime >= $from AND eventTime < $to
GROUP BY 1
HAVING count(*) >= $least
ORDER BY percent DESC, service
