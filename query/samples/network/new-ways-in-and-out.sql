-- Who connected networks with each other or with the internet?
-- for: security, audit
-- look for: peers in accounts that are not yours, and gateways in networks that
-- should have none.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, awsRegion AS region,
       coalesce(element_at(requestParameters, 'vpcId'), element_at(requestParameters, 'vpcPeeringConnectionId')) AS network,
       coalesce(element_at(requestParameters, 'peerOwnerId'), element_at(requestParameters, 'internetGatewayId')) AS with_what,
       errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('CreateVpcPeeringConnection', 'AcceptVpcPeeringConnection', 'CreateInternetGateway', 'AttachInternetGateway',
                    'CreateEgressOnlyInternetGateway', 'CreateNatGateway', 'CreateVpnConnection', 'CreateVpnGateway',
       'CreateCustomerGateway',
                    'CreateTransitGatewayVpcAttachment', 'AcceptTransitGatewayVpcAttachment', 'CreateClientVpnEndpoint')
ORDER BY eventTime, eventID
