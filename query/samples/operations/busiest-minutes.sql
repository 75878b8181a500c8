-- What goes on in the busiest minutes?
-- for: operations
-- param rows number = 10: how many rows to show
-- look for: the one who causes a peak.
SELECT date_trunc('minute', eventTime) AS in_minute, recipientAccountId AS account, count(*) AS calls,
       count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn)) AS identities,
       count(errorCode) AS failed, array_join(array_sort(array_agg(DISTINCT eventName)), ' ') AS actions
FROM $store
WHERE eventTime >= $from AND eventTime < $to
GROUP BY 1, 2
ORDER BY calls DESC, in_minute, account
LIMIT $rows
