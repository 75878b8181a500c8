-- How much is changed in each account, month by month?
-- for: audit
-- look for: accounts that should rest and do not.
SELECT date_trunc('month', eventTime) AS in_month, recipientAccountId AS account, count(*) AS changes,
       count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn)) AS identities,
       count(errorCode) AS failed
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND readOnly = false AND managementEvent = true
GROUP BY 1, 2
ORDER BY 1, 2
