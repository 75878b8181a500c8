-- Who calls too fast, and which service says so?
-- for: operations
-- look for: one program that asks in a loop. Others in the same account and
-- region pay for it.
SELECT eventSource AS service, eventName AS action, awsRegion AS region,
       coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS who,
       count(*) AS throttled, min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND regexp_like(errorCode, 'Throttl|RequestLimitExceeded|SlowDown|TooManyRequests|ProvisionedThroughputExceeded')
GROUP BY 1, 2, 3, 4
ORDER BY throttled DESC, service, action, region, who
LIMIT 20
