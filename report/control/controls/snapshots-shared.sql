-- No snapshot or image is given to another account unseen
-- why: Whoever gets it has the disk, for good.
-- do: Ask whose account it is; take the permission away if nobody knows.
-- severity: high
-- expect: each row acknowledged
-- param known text = ^$: a regular expression for accounts that may, such as ^(111122223333|444455556666)$
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'snapshotId'), element_at(requestParameters, 'imageId')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND eventName IN ('ModifySnapshotAttribute', 'ModifyImageAttribute')
  AND any_match(regexp_extract_all(json_format(json_extract(coalesce(element_at(requestParameters, 'createVolumePermission'), element_at(requestParameters, 'launchPermission')), '$.add')),
    '"userId"\s*:\s*"([0-9]{12})"', 1), a -> NOT regexp_like(a, $known)) AND errorCode IS NULL
ORDER BY eventTime, eventID
