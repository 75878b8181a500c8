-- Whose start script was changed?
-- for: security
-- look for: any row: the script runs as root when the machine starts again.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'instanceId') AS instance,
       sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'ModifyInstanceAttribute' AND element_at(requestParameters, 'userData') IS NOT NULL
ORDER BY eventTime, eventID
