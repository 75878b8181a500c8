-- Assignments of permission sets are known
-- why: They give people rights in accounts.
-- do: Go through the list with those who own the accounts.
-- severity: medium
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'permissionSetArn') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'sso.amazonaws.com' AND eventName = 'CreateAccountAssignment'
  AND errorCode IS NULL
ORDER BY eventTime, eventID
