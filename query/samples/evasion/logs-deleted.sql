-- Who deleted logs, or made them shorter-lived?
-- for: security, audit
-- param keep number = 30: fewest days that logs should be kept
-- look for: flow logs and log groups that went, and a bucket of logs whose
-- objects expire in days.
SELECT eventTime, userIdentity.arn AS who, eventName AS action,
       coalesce(element_at(requestParameters, 'logGroupName'), element_at(requestParameters, 'bucketName'),
                element_at(requestParameters, 'DeleteFlowLogsRequest')) AS what,
       coalesce(element_at(requestParameters, 'retentionInDays'),
                json_extract_scalar(element_at(requestParameters, 'LifecycleConfiguration'), '$.Rule.Expiration.Days')) AS kept_days,
       sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventName IN ('DeleteLogGroup', 'DeleteLogStream', 'DeleteFlowLogs', 'DeleteResolverQueryLogConfig')
    OR eventName = 'PutRetentionPolicy' AND CAST(element_at(requestParameters, 'retentionInDays') AS integer) < $keep
    OR eventName IN ('PutBucketLifecycle', 'PutBucketLifecycleConfiguration')
       AND CAST(json_extract_scalar(element_at(requestParameters, 'LifecycleConfiguration'), '$.Rule.Expiration.Days') AS integer) < $keep)
ORDER BY eventTime, eventID
