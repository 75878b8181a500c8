-- No network ACL lets everything in
-- why: Then it is no wall.
-- do: Replace the entry.
-- severity: high
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'networkAclId') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND eventName IN ('CreateNetworkAclEntry', 'ReplaceNetworkAclEntry')
  AND coalesce(element_at(requestParameters, 'cidrBlock'), element_at(requestParameters, 'ipv6CidrBlock')) IN ('0.0.0.0/0', '::/0') AND element_at(requestParameters, 'aclProtocol') = '-1' AND element_at(requestParameters, 'ruleAction') = 'allow' AND coalesce(element_at(requestParameters, 'egress'), 'false') = 'false' AND errorCode IS NULL
ORDER BY eventTime, eventID
