-- Snapshots and images that are given to other accounts are looked at
-- why: Whoever gets it has the disk, for good.
-- do: Ask whose account it is; take the permission away if nobody knows.
-- severity: high
-- expect: rows for review
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'snapshotId'), element_at(requestParameters, 'imageId')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND eventName IN ('ModifySnapshotAttribute', 'ModifyImageAttribute')
  AND regexp_like(coalesce(element_at(requestParameters, 'createVolumePermission'), '') || coalesce(element_at(requestParameters, 'launchPermission'), ''), '"add".*"userId"') AND errorCode IS NULL
ORDER BY eventTime, eventID
