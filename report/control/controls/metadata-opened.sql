-- Machines ask for their credentials with a token
-- why: Without one, whoever can make the machine send a request gets its credentials.
-- do: Require tokens again.
-- severity: high
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'instanceId') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND eventName IN ('ModifyInstanceMetadataOptions', 'ModifyInstanceMetadataDefaults', 'RunInstances')
  AND strpos(concat_ws(' ', element_at(requestParameters, 'ModifyInstanceMetadataOptionsRequest'), element_at(requestParameters, 'ModifyInstanceMetadataDefaultsRequest'),
    element_at(requestParameters, 'metadataOptions'), element_at(requestParameters, 'httpTokens')), 'optional') > 0 AND errorCode IS NULL
ORDER BY eventTime, eventID
