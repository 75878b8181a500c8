-- AWS Config goes on recording
-- why: It knows how everything was set up at each moment.
-- do: Start it again; look at what changed meanwhile.
-- severity: high
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'configurationRecorderName'), element_at(requestParameters, 'deliveryChannelName')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'config.amazonaws.com' AND eventName IN ('StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
