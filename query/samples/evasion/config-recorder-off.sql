-- Who stopped AWS Config from recording?
-- for: security, audit
-- look for: the time between stop and start: changes in it have no history.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, awsRegion AS region, sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'config.amazonaws.com'
  AND eventName IN ('StopConfigurationRecorder', 'StartConfigurationRecorder', 'DeleteConfigurationRecorder', 'PutConfigurationRecorder',
                    'DeleteDeliveryChannel', 'DeleteConfigRule')
ORDER BY eventTime, eventID
