-- The bucket's settings are as they were
-- why: Policy, encryption, versions and the block on public access hold together.
-- do: Go through the list.
-- severity: medium
-- expect: each row acknowledged
-- param bucket text: the bucket's name
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'bucketName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 's3.amazonaws.com' AND eventName IN ('PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketAcl', 'PutBucketPublicAccessBlock', 'DeleteBucketPublicAccessBlock', 'PutBucketVersioning', 'DeleteBucketEncryption', 'PutBucketReplication', 'PutBucketLifecycle', 'PutBucketEncryption', 'PutBucketOwnershipControls', 'PutBucketObjectLockConfiguration', 'PutBucketLogging', 'DeleteBucket')
  AND element_at(requestParameters, 'bucketName') = $bucket AND errorCode IS NULL
ORDER BY eventTime, eventID
