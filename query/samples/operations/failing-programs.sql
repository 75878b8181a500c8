-- Which program fails with the same call on several days?
-- for: operations
-- param days number = 3: fewest days
-- look for: nightly jobs. A call that always fails is a job that does not do
-- its work.
SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS who, eventSource AS service,
       eventName AS action, errorCode AS error,
       count(DISTINCT date(eventTime)) AS days, count(*) AS times, min(eventTime) AS first, max(eventTime) AS last,
       min(errorMessage) AS a_message
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND errorCode IS NOT NULL AND readOnly = false AND userIdentity.arn NOT LIKE '%@%'
GROUP BY 1, 2, 3, 4
HAVING count(DISTINCT date(eventTime)) >= $days
ORDER BY days DESC, times DESC, who, action, error
