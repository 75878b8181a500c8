-- No database is reachable from everywhere
-- why: Databases are for programs, not for the world.
-- do: Set it back; see who connected.
-- severity: high
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'dBInstanceIdentifier'), element_at(requestParameters, 'dBClusterIdentifier'), element_at(requestParameters, 'clusterIdentifier')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventSource = 'rds.amazonaws.com' AND eventName IN ('ModifyDBInstance', 'CreateDBInstance', 'CreateDBCluster', 'CreateDBInstanceReadReplica',
      'RestoreDBInstanceFromDBSnapshot', 'RestoreDBInstanceToPointInTime', 'RestoreDBInstanceFromS3', 'RestoreDBClusterFromSnapshot', 'RestoreDBClusterToPointInTime')
    OR eventSource = 'redshift.amazonaws.com' AND eventName IN ('CreateCluster', 'ModifyCluster', 'RestoreFromClusterSnapshot'))
  AND element_at(requestParameters, 'publiclyAccessible') = 'true' AND errorCode IS NULL
ORDER BY eventTime, eventID
