-- Secrets are not deleted at once
-- why: With no days to wait there is no way back.
-- do: Find out what needs it.
-- severity: medium
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'secretId') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'secretsmanager.amazonaws.com' AND eventName = 'DeleteSecret'
  AND element_at(requestParameters, 'forceDeleteWithoutRecovery') = 'true' AND errorCode IS NULL
ORDER BY eventTime, eventID
