-- Who changed what in IAM?
-- for: security, audit
-- look for: people where only a pipeline should change anything, and hours in
-- which nobody works.
SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS who, eventName AS action,
       count(*) AS changes, count(errorCode) AS failed, min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND readOnly = false
GROUP BY 1, 2
ORDER BY who, first, action
