-- What is changed by hand in the console instead of by a pipeline?
-- for: audit, operations
-- look for: changes in accounts that only pipelines should change.
SELECT recipientAccountId AS account, eventSource AS service, eventName AS action, count(*) AS changes,
       count(DISTINCT userIdentity.arn) AS people, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND readOnly = false AND sessionCredentialFromConsole = 'true'
GROUP BY 1, 2, 3
ORDER BY changes DESC, service, action, account
LIMIT 50
