-- Who deleted backups?
-- for: audit, security
-- look for: people: backups go by their plan. Who wants a ransom deletes them
-- first.
SELECT userIdentity.arn AS who, eventName AS action, count(*) AS times,
       count(errorCode) AS failed, min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('DeleteRecoveryPoint', 'DeleteBackupVault', 'DeleteBackupPlan', 'DeleteBackupSelection', 'DeleteSnapshot',
                    'DeleteDBSnapshot', 'DeleteDBClusterSnapshot', 'DeleteBackup', 'DeleteDBInstanceAutomatedBackup')
GROUP BY 1, 2
ORDER BY action, first, who
