-- Permissions boundaries stay as they were agreed
-- why: A boundary is what keeps those who may give rights from giving themselves more.
-- do: Put it back; look at what was given since.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'userName'), element_at(requestParameters, 'roleName')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName IN ('DeleteUserPermissionsBoundary', 'DeleteRolePermissionsBoundary', 'PutUserPermissionsBoundary', 'PutRolePermissionsBoundary')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
