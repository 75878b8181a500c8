-- No security group lets the whole world in
-- why: What listens there is found within minutes.
-- do: Close it; put a load balancer in front of what the world should reach, and acknowledge that one.
-- severity: critical
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'groupId'), json_extract_scalar(element_at(requestParameters, 'ModifySecurityGroupRulesRequest'), '$.GroupId')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND eventName IN ('AuthorizeSecurityGroupIngress', 'ModifySecurityGroupRules')
  AND regexp_like(concat_ws(' ', element_at(requestParameters, 'ipPermissions'), element_at(requestParameters, 'ModifySecurityGroupRulesRequest'), element_at(requestParameters, 'cidrIp')),
    '\b(0\.0\.0\.0|128\.0\.0\.0)/[01]\b|(^|[^0-9a-fA-F:])(::|8000::)/[01]\b')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
