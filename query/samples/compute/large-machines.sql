-- Who starts large machines, or machines with GPUs?
-- for: security, operations
-- param type text = ^(p|g|trn|inf)[0-9]|metal|[0-9]{2}xlarge: a regular expression for instance types
-- look for: people and keys that start none otherwise. Crypto-mining needs such
-- machines.
SELECT eventTime, userIdentity.arn AS who, awsRegion AS region, element_at(requestParameters, 'instanceType') AS type,
       sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('RunInstances', 'RequestSpotInstances', 'CreateFleet')
  AND regexp_like(element_at(requestParameters, 'instanceType'), $type)
ORDER BY eventTime, eventID
