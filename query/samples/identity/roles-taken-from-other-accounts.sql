-- Which other accounts take roles here?
-- for: security, audit
-- look for: accounts that no contract mentions.
SELECT userIdentity.accountId AS from_account, recipientAccountId AS account, element_at(requestParameters, 'roleArn') AS role,
       count(*) AS times, count(errorCode) AS failed, min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'AssumeRole'
  AND userIdentity.accountId <> recipientAccountId
GROUP BY 1, 2, 3
ORDER BY from_account, first, role
