-- Who was refused often within an hour?
-- for: security, operations
-- param least number = 5: fewest refusals in the hour
-- look for: many different actions: somebody tries what is possible. One action
-- again and again is a program that lacks a right.
SELECT date_trunc('hour', eventTime) AS in_hour, coalesce(userIdentity.arn, userIdentity.accountId) AS who, count(*) AS refused,
       count(DISTINCT eventName) AS different_actions, array_join(array_sort(array_agg(DISTINCT eventName)), ' ') AS actions
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%')
GROUP BY 1, 2
HAVING count(*) >= $least
ORDER BY different_actions DESC, refused DESC, in_hour, who
