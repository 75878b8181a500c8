-- Who silenced an alarm, or a rule that reacts to events?
-- for: security, operations
-- look for: alarms about security, and times at which nobody was at work.
SELECT eventTime, userIdentity.arn AS who, eventName AS action,
       coalesce(element_at(requestParameters, 'alarmNames'), element_at(requestParameters, 'name'), element_at(requestParameters, 'rule')) AS what,
       sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('DisableAlarmActions', 'EnableAlarmActions', 'DeleteAlarms', 'DisableRule', 'DeleteRule', 'RemoveTargets')
ORDER BY eventTime, eventID
