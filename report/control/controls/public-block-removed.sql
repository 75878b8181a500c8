-- The block on public access stays
-- why: It is what holds when a policy is wrong.
-- do: Put it back; see what was opened since.
-- severity: high
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'bucketName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 's3.amazonaws.com' AND eventName IN ('PutBucketPublicAccessBlock', 'DeleteBucketPublicAccessBlock', 'PutAccountPublicAccessBlock', 'DeleteAccountPublicAccessBlock')
  AND (eventName LIKE 'Delete%' OR regexp_like(coalesce(element_at(requestParameters, 'PublicAccessBlockConfiguration'), ''), '(BlockPublicAcls|IgnorePublicAcls|BlockPublicPolicy|RestrictPublicBuckets)"?\s*:\s*"?false')) AND errorCode IS NULL
ORDER BY eventTime, eventID
