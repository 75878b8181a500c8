-- Which errors are most frequent?
-- for: operations
-- param rows number = 20: how many rows to show
-- look for: errors that nobody reads because they come every day.
SELECT errorCode AS error, eventSource AS service, eventName AS action, count(*) AS times,
       count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn)) AS identities,
       min(errorMessage) AS a_message
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND errorCode IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY times DESC, error, service, action
LIMIT $rows
