-- What was an access key used for?
-- for: security
-- param key text: the access key's id, such as AKIAIOSFODNN7EXAMPLE
-- look for: the first call (many thieves ask who they are), what was refused,
-- and everything that changed something.
SELECT eventSource AS service, eventName AS action, awsRegion AS region, count(*) AS calls, count(errorCode) AS failed,
       min(eventTime) AS first, max(eventTime) AS last, min(sourceIPAddress) AS address
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.accessKeyId = $key
GROUP BY 1, 2, 3
ORDER BY first, action, region, service
