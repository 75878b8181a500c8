-- Who sets up copies of data in another place: replication, exports, copied snapshots?
-- for: security, audit
-- look for: buckets and accounts that are not yours.
SELECT eventTime, userIdentity.arn AS who, eventName AS action,
       coalesce(element_at(requestParameters, 'bucketName'), element_at(requestParameters, 'tableArn'),
                element_at(requestParameters, 'sourceArn'), element_at(requestParameters, 'sourceSnapshotId')) AS what,
       coalesce(json_extract_scalar(element_at(requestParameters, 'ReplicationConfiguration'), '$.Rule.Destination.Bucket'),
                element_at(requestParameters, 's3Bucket'), element_at(requestParameters, 's3BucketName'),
                element_at(requestParameters, 'destinationRegion')) AS target,
       errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('PutBucketReplication', 'ExportTableToPointInTime', 'StartExportTask', 'CopySnapshot', 'CopyDBSnapshot',
                    'CreateExportTask', 'CreateInstanceExportTask', 'CopyImage')
ORDER BY eventTime, eventID
