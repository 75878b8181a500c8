-- Who made, changed or removed VPC endpoints?
-- for: security, audit
-- look for: policies of endpoints that let data out to any bucket.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'ServiceName') AS service,
       element_at(requestParameters, 'VpcId') AS network, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('CreateVpcEndpoint', 'ModifyVpcEndpoint', 'DeleteVpcEndpoints', 'CreateVpcEndpointServiceConfiguration',
                    'ModifyVpcEndpointServicePermissions')
ORDER BY eventTime, eventID
