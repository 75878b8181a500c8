-- Firewalls stay in front
-- why: Without it, requests come through as they are.
-- do: Put it back.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'name'), element_at(requestParameters, 'resourceArn'), element_at(requestParameters, 'firewallName')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventSource IN ('wafv2.amazonaws.com', 'waf.amazonaws.com', 'waf-regional.amazonaws.com') AND eventName IN ('DeleteWebACL', 'DisassociateWebACL', 'DeleteLoggingConfiguration', 'DeleteRuleGroup')
    OR eventSource = 'network-firewall.amazonaws.com' AND eventName IN ('DeleteFirewall', 'DeleteFirewallPolicy', 'DeleteRuleGroup'))
  AND errorCode IS NULL
ORDER BY eventTime, eventID
