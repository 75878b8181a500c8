-- What was done to a thing: a bucket, a role, a database, whatever has a name?
-- for: audit, security, operations
-- param name text: its name or id, as it stands in requests
-- look for: who was the last to change it.
SELECT eventTime, coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.accountId) AS who, eventName AS action,
       sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND readOnly = false
  AND (any_match(map_values(requestParameters), v -> v LIKE '%' || $name || '%') OR any_match(resources, r -> r.arn LIKE '%' || $name || '%'))
ORDER BY eventTime, eventID
LIMIT 1000
