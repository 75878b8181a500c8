-- What machines do when they start stays as it was
-- why: It runs as root at the next start.
-- do: Compare it with what was agreed, before the machine starts again.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'instanceId') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND eventName = 'ModifyInstanceAttribute'
  AND element_at(requestParameters, 'userData') IS NOT NULL AND errorCode IS NULL
ORDER BY eventTime, eventID
