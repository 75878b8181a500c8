-- No second factor is taken away
-- why: Who has taken a user over takes the second factor away first.
-- do: Ask the user. If they have not got a new one, treat the user as taken over.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'userName'), element_at(requestParameters, 'serialNumber')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName IN ('DeactivateMFADevice', 'DeleteVirtualMFADevice')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
