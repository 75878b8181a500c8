-- Who joined or left which group?
-- for: security, audit
-- look for: people who add themselves.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'userName') AS user_name,
       element_at(requestParameters, 'groupName') AS group_name, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('AddUserToGroup', 'RemoveUserFromGroup')
ORDER BY eventTime, eventID
