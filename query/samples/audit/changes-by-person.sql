-- Who changed what, in which service?
-- for: audit
-- look for: people whose work is something else.
SELECT coalesce(userIdentity.userName, regexp_extract(userIdentity.arn, '[^/]+@[^/]+$')) AS who, recipientAccountId AS account,
       eventSource AS service, count(*) AS changes, count(DISTINCT eventName) AS different_actions, count(errorCode) AS failed,
       max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND readOnly = false AND managementEvent = true
  AND (userIdentity.type IN ('IAMUser', 'Root') OR userIdentity.arn LIKE '%@%')
GROUP BY 1, 2, 3
ORDER BY changes DESC, who, account, service
LIMIT 50
