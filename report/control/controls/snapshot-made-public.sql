-- No snapshot or image is open to everybody
-- why: Whoever finds it has the disk.
-- do: Take the permission away; assume that it was copied.
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'snapshotId'), element_at(requestParameters, 'imageId')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND eventName IN ('ModifySnapshotAttribute', 'ModifyImageAttribute')
  AND regexp_like(coalesce(element_at(requestParameters, 'createVolumePermission'), '') || coalesce(element_at(requestParameters, 'launchPermission'), ''), '"add".*"group"\s*:\s*"all"') AND errorCode IS NULL
ORDER BY eventTime, eventID
