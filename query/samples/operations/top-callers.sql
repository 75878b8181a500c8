-- Who calls AWS most?
-- for: operations
-- param rows number = 20: how many rows to show
-- look for: programs that ask again and again for what does not change.
SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy, userIdentity.accountId) AS who, count(*) AS calls,
       count(DISTINCT eventName) AS different_actions, count(errorCode) AS failed, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
GROUP BY 1
ORDER BY calls DESC, who
LIMIT $rows
