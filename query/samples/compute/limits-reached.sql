-- Who ran into a limit of the account?
-- for: security, operations
-- look for: limits of machines: who mines takes all there are. For operators:
-- what has to be raised before it hurts.
SELECT errorCode AS error, eventName AS action, awsRegion AS region,
       coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS who,
       count(*) AS times, min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND regexp_like(errorCode, 'LimitExceeded|QuotaExceeded|TooMany')
  AND NOT regexp_like(errorCode, 'RequestLimitExceeded')
GROUP BY 1, 2, 3, 4
ORDER BY times DESC, first, action, region, who
