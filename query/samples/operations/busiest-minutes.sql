-- What goes on in the busiest minutes?
-- for: operations
-- param rows number = 10: how many rows to show
-- look for: the one who causes a peak.
SELECT date_trunc('minute', eventTime) AS in_minute, recipientAccountId AS account, count(*) AS calls,
       count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn)) AS identities,
       max_by(eventName, eventTime) AS last_action, count(errorCode) AS failed
FROM $store
WHERE eventTime >= $from AND eventTime < $to
GROUP BY 1, 2
ORDER BY calls DESC, in_minute
LIMIT $rows
