-- No database is deleted without a last snapshot
-- why: There is no way back.
-- do: Look for automatic backups at once: they go with it, after their days.
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'dBInstanceIdentifier'), element_at(requestParameters, 'dBClusterIdentifier')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'rds.amazonaws.com' AND eventName IN ('DeleteDBInstance', 'DeleteDBCluster')
  AND element_at(requestParameters, 'skipFinalSnapshot') = 'true' AND errorCode IS NULL
ORDER BY eventTime, eventID
