-- Who started, stopped, changed or ended a machine?
-- for: security, operations
-- param instance text: the instance's id, such as i-0123456789abcdef0
-- look for: the one who ended it, and what was done to it before.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND readOnly = false AND eventSource IN ('ec2.amazonaws.com', 'ssm.amazonaws.com')
  AND (any_match(map_values(requestParameters), v -> v LIKE '%' || $instance || '%') OR any_match(map_values(responseElements), v -> v LIKE '%' || $instance || '%'))
ORDER BY eventTime, eventID
