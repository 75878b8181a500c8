-- Networks are joined by those who may
-- why: A peering opens one network to another, perhaps of somebody else.
-- do: Ask whose network it is.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'peerVpcId'), element_at(requestParameters, 'vpcPeeringConnectionId')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND eventName IN ('CreateVpcPeeringConnection', 'AcceptVpcPeeringConnection', 'CreateTransitGatewayVpcAttachment')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
