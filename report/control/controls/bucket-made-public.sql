-- No bucket is open to everybody
-- why: What is in it is read by whoever looks for open buckets.
-- do: Close it; see who read it (bucket-reads).
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'bucketName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 's3.amazonaws.com' AND eventName IN ('PutBucketPolicy', 'PutBucketAcl')
  AND (regexp_like(coalesce(element_at(requestParameters, 'bucketPolicy'), ''), '(?s)"(Principal|AWS)"\s*:\s*(\{\s*"AWS"\s*:\s*)?(\[\s*)?"\*"') OR strpos(coalesce(coalesce(element_at(requestParameters, 'AccessControlPolicy'), '') || coalesce(element_at(requestParameters, 'x-amz-acl'), ''), ''), 'AllUsers') > 0 OR element_at(requestParameters, 'x-amz-acl') IN ('public-read', 'public-read-write')) AND errorCode IS NULL
ORDER BY eventTime, eventID
