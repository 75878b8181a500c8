-- What happened to a security group?
-- for: security, audit
-- param group text: the group's id, such as sg-0123456789abcdef0
-- look for: what was opened and not closed again.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'ipPermissions') AS rules,
       errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND readOnly = false
  AND element_at(requestParameters, 'groupId') = $group
ORDER BY eventTime, eventID
