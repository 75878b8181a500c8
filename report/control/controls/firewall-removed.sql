-- Web firewalls stay in front
-- why: Without it, requests come through as they are.
-- do: Put it back.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'name'), element_at(requestParameters, 'resourceArn')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'wafv2.amazonaws.com' AND eventName IN ('DeleteWebACL', 'DisassociateWebACL', 'DeleteLoggingConfiguration', 'DeleteRuleGroup')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
