-- Changes of networks are looked at
-- why: Networks and what joins them are what keeps things apart.
-- do: Go through the list.
-- severity: medium
-- expect: rows for review
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'vpcId'), element_at(requestParameters, 'vpcPeeringConnectionId')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND eventName IN ('CreateVpc', 'DeleteVpc', 'ModifyVpcAttribute', 'AcceptVpcPeeringConnection', 'CreateVpcPeeringConnection', 'DeleteVpcPeeringConnection', 'RejectVpcPeeringConnection', 'AttachClassicLinkVpc', 'DetachClassicLinkVpc', 'DisableVpcClassicLink', 'EnableVpcClassicLink')
ORDER BY eventTime, eventID
