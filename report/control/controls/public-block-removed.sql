-- The block on public access stays
-- why: It is what holds when a policy is wrong.
-- do: Put it back; see what was opened since.
-- severity: high
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'bucketName'), eventName) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventSource = 'ec2.amazonaws.com' AND eventName IN ('DisableSnapshotBlockPublicAccess', 'DisableImageBlockPublicAccess')
    OR eventSource = 's3.amazonaws.com' AND eventName IN ('PutBucketPublicAccessBlock', 'DeleteBucketPublicAccessBlock', 'PutAccountPublicAccessBlock', 'DeleteAccountPublicAccessBlock')
  AND (eventName LIKE 'Delete%' OR cardinality(regexp_extract_all(coalesce(element_at(requestParameters, 'PublicAccessBlockConfiguration'), ''), '(?i)(BlockPublicAcls|IgnorePublicAcls|BlockPublicPolicy|RestrictPublicBuckets)"?\s*:\s*"?true')) < 4)) AND errorCode IS NULL
ORDER BY eventTime, eventID
