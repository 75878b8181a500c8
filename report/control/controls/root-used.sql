-- Nobody works as root
-- why: Root may do everything, and no policy holds it back; what needs root is rare and planned.
-- do: Find out who it was and why. If nobody knows: change root's password, look for access keys of root, and follow the session.
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, userAgent AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.type = 'Root' AND userIdentity.invokedBy IS NULL AND eventType <> 'AwsServiceEvent'
ORDER BY eventTime, eventID
