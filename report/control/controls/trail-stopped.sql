-- Trails are not stopped
-- why: Without a trail nobody knows afterwards what was done.
-- do: Start it again at once. Look at what the caller did before, and whether it was refused.
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'name'), '') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'cloudtrail.amazonaws.com' AND eventName IN ('StopLogging', 'DeleteTrail')
ORDER BY eventTime, eventID
