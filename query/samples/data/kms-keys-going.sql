-- Which encryption keys were disabled, or are to be deleted?
-- for: security, audit, operations
-- look for: keys that something still uses: without the key the data is gone.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'keyId') AS encryption_key,
       element_at(requestParameters, 'pendingWindowInDays') AS days_left, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'kms.amazonaws.com'
  AND eventName IN ('ScheduleKeyDeletion', 'CancelKeyDeletion', 'DisableKey', 'DisableKeyRotation', 'DeleteImportedKeyMaterial', 'DeleteAlias')
ORDER BY eventTime, eventID
