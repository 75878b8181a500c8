-- Which regions are in use, and how much?
-- for: audit, security
-- look for: regions with few days and few identities: nobody would miss them,
-- and a policy can close them.
SELECT awsRegion AS region, recipientAccountId AS account, count(DISTINCT date(eventTime)) AS days, count(*) AS calls,
       sum(CASE WHEN readOnly THEN 0 ELSE 1 END) AS changes,
       count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn)) AS identities,
       min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
GROUP BY 1, 2
ORDER BY days, calls, region, account
