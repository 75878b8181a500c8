-- Rules on events stay on
-- why: They start what answers an alarm.
-- do: Turn it on again.
-- severity: medium
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'name'), element_at(requestParameters, 'rule')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'events.amazonaws.com' AND (eventName IN ('DisableRule', 'DeleteRule', 'RemoveTargets') OR eventName = 'PutRule' AND element_at(requestParameters, 'state') = 'DISABLED')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
