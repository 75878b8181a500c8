-- Who does not speak the newest TLS?
-- for: audit, security
-- param newest text = TLSv1.3: the version that everybody should speak
-- look for: versions below TLSv1.2, and the programs that speak them.
SELECT tlsDetails.tlsVersion AS version, eventSource AS service, count(*) AS calls,
       count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn)) AS identities,
       min(userAgent) AS an_agent
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND tlsDetails.tlsVersion <> $newest
GROUP BY 1, 2
ORDER BY version, calls DESC, service
LIMIT 20
