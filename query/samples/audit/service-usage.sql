-- Which services are used, by how many, and how much?
-- for: audit, operations
-- look for: services that nobody has approved.
SELECT eventSource AS service, count(*) AS calls, count(DISTINCT eventName) AS different_actions,
       count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn)) AS identities,
       count(DISTINCT recipientAccountId) AS accounts, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
GROUP BY 1
ORDER BY calls DESC, service
