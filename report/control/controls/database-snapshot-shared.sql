-- No database snapshot is given away unseen
-- why: It has all that the database has.
-- do: Ask whose account it is; take the permission away if nobody knows.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'dBSnapshotIdentifier'), element_at(requestParameters, 'dBClusterSnapshotIdentifier'), element_at(requestParameters, 'snapshotIdentifier')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventSource = 'rds.amazonaws.com' AND eventName IN ('ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute') AND element_at(requestParameters, 'valuesToAdd') IS NOT NULL
    OR eventSource = 'redshift.amazonaws.com' AND eventName = 'AuthorizeSnapshotAccess')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
