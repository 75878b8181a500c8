-- What did an access key change, one after the other?
-- for: security
-- param key text: the access key's id, such as AKIAIOSFODNN7EXAMPLE
-- look for: what has to be undone.
SELECT eventTime, eventName AS action, awsRegion AS region, errorCode AS error, requestParameters AS parameters
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.accessKeyId = $key AND readOnly = false
ORDER BY eventTime, eventID
