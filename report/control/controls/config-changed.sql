-- Changes of AWS Config are looked at
-- why: It should record what was agreed, to where it was agreed.
-- do: Compare with what was agreed.
-- severity: medium
-- expect: rows for review
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'configurationRecorderName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'config.amazonaws.com' AND eventName IN ('PutConfigurationRecorder', 'PutDeliveryChannel', 'StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel')
ORDER BY eventTime, eventID
