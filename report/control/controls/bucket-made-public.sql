-- No bucket is open to everybody
-- why: What is in it is read by whoever looks for open buckets.
-- do: Close it; see who read it (bucket-touched).
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'bucketName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 's3.amazonaws.com' AND eventName IN ('PutBucketPolicy', 'PutBucketAcl', 'CreateBucket')
  AND (coalesce(
    try(any_match(CAST(json_extract(element_at(requestParameters, 'bucketPolicy'), '$.Statement') AS array(json)), s -> coalesce(json_extract_scalar(s, '$.Effect') = 'Allow'
      AND coalesce(NOT regexp_like(json_format(json_extract(s, '$.Condition')), '(?i)"(aws:(Principal(Org|Arn|Account)|Source(Ip|Arn|Account|Owner|Vpc|Org)|Vpce|userid)|s3:DataAccessPoint)'), true)
      AND (json_extract_scalar(s, '$.Principal') = '*' OR json_extract(s, '$.NotPrincipal') IS NOT NULL
        OR json_extract_scalar(s, '$.Principal.AWS') = '*' OR coalesce(json_array_contains(json_extract(s, '$.Principal.AWS'), '*'), false)), false))),
    regexp_like(element_at(requestParameters, 'bucketPolicy'), '(?s)"(Principal|AWS)"\s*:\s*(\[[^\]]*)?"\*"'), false)
  OR regexp_like(concat_ws(' ', element_at(requestParameters, 'AccessControlPolicy'), element_at(requestParameters, 'x-amz-grant-read'), element_at(requestParameters, 'x-amz-grant-write'),
    element_at(requestParameters, 'x-amz-grant-read-acp'), element_at(requestParameters, 'x-amz-grant-write-acp'), element_at(requestParameters, 'x-amz-grant-full-control')), 'AllUsers|AuthenticatedUsers')
  OR regexp_like(element_at(requestParameters, 'x-amz-acl'), 'public-read|authenticated-read'))
  AND errorCode IS NULL
ORDER BY eventTime, eventID
