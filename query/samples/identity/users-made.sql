-- Who made or removed users, groups and roles?
-- for: security, audit
-- look for: users made by hand, names that look like a program's, and attempts
-- that were refused.
SELECT eventTime, userIdentity.arn AS who, eventName AS action,
       coalesce(element_at(requestParameters, 'userName'), element_at(requestParameters, 'roleName'), element_at(requestParameters, 'groupName')) AS what,
       sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('CreateUser', 'DeleteUser', 'CreateGroup', 'DeleteGroup', 'CreateRole', 'DeleteRole')
ORDER BY eventTime, eventID
