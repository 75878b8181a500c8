-- What came from an address?
-- for: security
-- param address text: an IPv4 or IPv6 address
-- look for: the first success behind failures, and who was used.
SELECT eventTime, coalesce(userIdentity.arn, userIdentity.userName, userIdentity.accountId) AS who, eventName AS action,
       awsRegion AS region, coalesce(errorCode, errorMessage) AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND sourceIPAddress = $address
ORDER BY eventTime, eventID
LIMIT 1000
