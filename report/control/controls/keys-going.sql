-- Deletion of KMS keys is looked at
-- why: With the key goes all that it encrypted.
-- do: Cancel the deletion within its days if anything still needs the key.
-- severity: high
-- expect: rows for review
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'keyId') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'kms.amazonaws.com' AND eventName IN ('ScheduleKeyDeletion', 'DisableKey', 'DeleteImportedKeyMaterial')
ORDER BY eventTime, eventID
