-- Nobody tries to make users, keys or profiles without the right to
-- why: Who tries is looking for a way to stay.
-- do: Look at what else the caller did that hour.
-- severity: high
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'userName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName IN ('CreateUser', 'CreateAccessKey', 'CreateLoginProfile', 'AttachUserPolicy', 'PutUserPolicy', 'UpdateAssumeRolePolicy')
  AND errorCode LIKE 'AccessDenied%'
ORDER BY eventTime, eventID
