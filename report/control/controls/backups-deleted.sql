-- Backups stay until their time
-- why: Who wants ransom deletes them first.
-- do: See what is left, and who did it.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'backupVaultName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'backup.amazonaws.com' AND eventName IN ('DeleteRecoveryPoint', 'DeleteBackupVault', 'DeleteBackupPlan', 'DeleteBackupVaultLockConfiguration', 'DisassociateRecoveryPoint', 'UpdateRecoveryPointLifecycle')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
