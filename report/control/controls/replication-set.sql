-- Data is copied to known places alone
-- why: Replication takes all that comes to wherever it says.
-- do: Ask whose the other bucket is.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'bucketName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 's3.amazonaws.com' AND eventName = 'PutBucketReplication'
  AND errorCode IS NULL
ORDER BY eventTime, eventID
