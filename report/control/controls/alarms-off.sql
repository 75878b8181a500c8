-- Alarms stay on
-- why: An alarm that is off tells nobody.
-- do: Turn it on again; ask why it was in the way.
-- severity: medium
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'alarmNames'), element_at(requestParameters, 'filterName')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventSource = 'monitoring.amazonaws.com' AND eventName IN ('DisableAlarmActions', 'DeleteAlarms')
    OR eventSource = 'logs.amazonaws.com' AND eventName IN ('DeleteMetricFilter', 'DeleteSubscriptionFilter'))
  AND errorCode IS NULL
ORDER BY eventTime, eventID
