-- No KMS key is deleted in a hurry
-- why: The shortest time leaves least for somebody to notice.
-- do: Cancel the deletion; ask why so soon.
-- severity: high
-- expect: each row acknowledged
-- param days number = 14: how many days there have to be at least until it is gone
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'keyId') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'kms.amazonaws.com' AND eventName = 'ScheduleKeyDeletion'
  AND try_cast(element_at(requestParameters, 'pendingWindowInDays') AS integer) < $days AND errorCode IS NULL
ORDER BY eventTime, eventID
