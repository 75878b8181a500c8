-- No security group lets the whole world in
-- why: What listens there is found within minutes.
-- do: Close it; put a load balancer in front of what the world should reach, and acknowledge that one.
-- severity: critical
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'groupId') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND eventName = 'AuthorizeSecurityGroupIngress'
  AND (strpos(coalesce(element_at(requestParameters, 'ipPermissions'), ''), '0.0.0.0/0') > 0 OR strpos(coalesce(element_at(requestParameters, 'ipPermissions'), ''), '::/0') > 0 OR element_at(requestParameters, 'cidrIp') IN ('0.0.0.0/0', '::/0')) AND errorCode IS NULL
ORDER BY eventTime, eventID
