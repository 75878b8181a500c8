-- Which databases were deleted, and is there a last snapshot?
-- for: audit, operations
-- look for: no last snapshot, and automated backups deleted with it.
SELECT eventTime, userIdentity.arn AS who, eventName AS action,
       coalesce(element_at(requestParameters, 'dBInstanceIdentifier'), element_at(requestParameters, 'dBClusterIdentifier'),
                element_at(requestParameters, 'tableName')) AS database_name,
       element_at(requestParameters, 'skipFinalSnapshot') AS without_snapshot,
       element_at(requestParameters, 'finalDBSnapshotIdentifier') AS last_snapshot, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventSource = 'rds.amazonaws.com' AND eventName IN ('DeleteDBInstance', 'DeleteDBCluster', 'DeleteGlobalCluster')
    OR eventSource = 'dynamodb.amazonaws.com' AND eventName = 'DeleteTable'
    OR eventSource = 'redshift.amazonaws.com' AND eventName = 'DeleteCluster')
ORDER BY eventTime, eventID
