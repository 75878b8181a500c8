-- Which snapshots, images and database snapshots were shared with another account?
-- for: security, audit
-- look for: accounts that are not yours, and "all". Whoever has a copy keeps it
-- when the sharing ends.
SELECT eventTime, userIdentity.arn AS who, eventName AS action,
       coalesce(element_at(requestParameters, 'snapshotId'), element_at(requestParameters, 'imageId'),
                element_at(requestParameters, 'dBSnapshotIdentifier'),
       element_at(requestParameters, 'dBClusterSnapshotIdentifier')) AS what,
       coalesce(element_at(requestParameters, 'createVolumePermission'), element_at(requestParameters, 'launchPermission'),
                element_at(requestParameters, 'valuesToAdd')) AS shared_with, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute')
  AND (element_at(requestParameters, 'createVolumePermission') LIKE '%"add"%'
    OR element_at(requestParameters, 'launchPermission') LIKE '%"add"%'
    OR element_at(requestParameters, 'valuesToAdd') IS NOT NULL)
ORDER BY eventTime, eventID
