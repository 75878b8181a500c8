-- Log files are not deleted
-- why: Who deletes logs has something to hide.
-- do: Restore them from versions or a copy; find out what they said.
-- severity: critical
-- expect: no rows
-- param logs text = %cloudtrail%: the name of the buckets with logs, with % for anything
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'bucketName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 's3.amazonaws.com' AND eventName IN ('DeleteObject', 'DeleteObjects', 'DeleteBucket', 'PutBucketLifecycle', 'PutBucketLifecycleConfiguration')
  AND element_at(requestParameters, 'bucketName') LIKE $logs AND userIdentity.invokedBy IS NULL
ORDER BY eventTime, eventID
