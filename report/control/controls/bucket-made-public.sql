-- No bucket is open to everybody
-- why: What is in it is read by whoever looks for open buckets.
-- do: Close it; see who read it (bucket-touched).
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'bucketName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 's3.amazonaws.com' AND eventName IN ('PutBucketPolicy', 'PutBucketAcl')
  AND (coalesce(
    try(any_match(CAST(json_extract(element_at(requestParameters, 'bucketPolicy'), '$.Statement') AS array(json)), s -> coalesce(json_extract_scalar(s, '$.Effect') = 'Allow'
      AND json_extract(s, '$.Condition') IS NULL AND (json_extract_scalar(s, '$.Principal') = '*'
        OR json_extract_scalar(s, '$.Principal.AWS') = '*' OR coalesce(json_array_contains(json_extract(s, '$.Principal.AWS'), '*'), false)), false))),
    regexp_like(element_at(requestParameters, 'bucketPolicy'), '(?s)"(Principal|AWS)"\s*:\s*(\[[^\]]*)?"\*"'), false)
  OR strpos(coalesce(coalesce(element_at(requestParameters, 'AccessControlPolicy'), '') || coalesce(element_at(requestParameters, 'x-amz-acl'), ''), ''), 'AllUsers') > 0 OR element_at(requestParameters, 'x-amz-acl') IN ('public-read', 'public-read-write'))
  AND errorCode IS NULL
ORDER BY eventTime, eventID
