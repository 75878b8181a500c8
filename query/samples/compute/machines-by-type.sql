-- Which types of machine are started, where, and by whom?
-- for: security, operations
-- look for: large types, types with GPUs, and regions where nothing runs. Who
-- mines with your money needs them.
SELECT element_at(requestParameters, 'instanceType') AS type, awsRegion AS region, recipientAccountId AS account,
       count(*) AS requests, count(errorCode) AS failed, count(DISTINCT userIdentity.arn) AS identities,
       min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'RunInstances'
GROUP BY 1, 2, 3
ORDER BY requests, type, region, account
