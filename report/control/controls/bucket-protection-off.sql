-- Buckets keep encryption and versions
-- why: Without versions what is overwritten is gone.
-- do: Turn it on again.
-- severity: high
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'bucketName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 's3.amazonaws.com' AND eventName IN ('DeleteBucketEncryption', 'PutBucketVersioning')
  AND (eventName = 'DeleteBucketEncryption' OR strpos(coalesce(element_at(requestParameters, 'VersioningConfiguration'), ''), 'Suspended') > 0) AND errorCode IS NULL
ORDER BY eventTime, eventID
