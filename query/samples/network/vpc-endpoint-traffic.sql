-- Which VPC endpoints are used, for what and by how many?
-- for: operations, audit
-- look for: services that should go through an endpoint and do not appear.
SELECT vpcEndpointId AS endpoint, eventSource AS service, recipientAccountId AS account, count(*) AS calls,
       count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn)) AS identities,
       count(errorCode) AS failed
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND vpcEndpointId IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY calls DESC, endpoint, service, account
LIMIT 30
