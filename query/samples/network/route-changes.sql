-- Who changed routes and network access lists?
-- for: security, operations
-- look for: changes by hand, and traffic sent to a machine.
SELECT eventTime, coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS who, eventName AS action,
       element_at(requestParameters, 'routeTableId') AS route_table,
       element_at(requestParameters, 'destinationCidrBlock') AS destination, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('CreateRoute', 'ReplaceRoute', 'DeleteRoute', 'AssociateRouteTable', 'ReplaceRouteTableAssociation', 'CreateNetworkAclEntry',
                    'ReplaceNetworkAclEntry', 'DeleteNetworkAclEntry')
ORDER BY eventTime, eventID
