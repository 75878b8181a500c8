-- Which buckets were opened, or could be opened, to everybody?
-- for: security, audit
-- look for: a policy for everybody, access lists for all users, and the block
-- of public access taken away just before.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'bucketName') AS bucket,
       sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 's3.amazonaws.com'
  AND (eventName = 'PutBucketPolicy'
       AND regexp_like(element_at(requestParameters, 'bucketPolicy'),
                       '"Effect":"Allow"[^{}]*"Principal":("\*"|\{"AWS":"\*"\})|"Principal":("\*"|\{"AWS":"\*"\})[^{}]*"Effect":"Allow"')
    OR eventName IN ('PutBucketPublicAccessBlock', 'PutAccountPublicAccessBlock')
       AND element_at(requestParameters, 'PublicAccessBlockConfiguration') LIKE '%false%'
    OR eventName IN ('DeleteBucketPublicAccessBlock', 'DeleteAccountPublicAccessBlock')
    OR eventName = 'PutBucketAcl' AND any_match(map_values(requestParameters), v -> v LIKE '%groups/global/AllUsers%'))
ORDER BY eventTime, eventID
