-- Log groups are not deleted
-- why: With it goes all that programs said.
-- do: Find out what was in it and who needs it.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'logGroupName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'logs.amazonaws.com' AND eventName IN ('DeleteLogGroup', 'DeleteLogStream')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
