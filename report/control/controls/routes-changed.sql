-- Changes of routes are looked at
-- why: A route decides where traffic goes, and who sees it.
-- do: Go through the list.
-- severity: medium
-- expect: rows for review
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'routeTableId'), element_at(requestParameters, 'destinationCidrBlock')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND eventName IN ('CreateRoute', 'CreateRouteTable', 'ReplaceRoute', 'ReplaceRouteTableAssociation', 'DeleteRouteTable', 'DeleteRoute', 'DisassociateRouteTable')
ORDER BY eventTime, eventID
