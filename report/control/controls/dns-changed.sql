-- Changes of DNS are looked at
-- why: Who has the name has the traffic.
-- do: Go through the list.
-- severity: medium
-- expect: rows for review
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'hostedZoneId') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'route53.amazonaws.com' AND eventName IN ('ChangeResourceRecordSets', 'DeleteHostedZone', 'CreateHostedZone', 'ChangeCidrCollection')
ORDER BY eventTime, eventID
