-- Who changed DNS records?
-- for: security, operations
-- look for: names that point out of your networks, and changes by hand.
SELECT eventTime, coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS who,
       element_at(requestParameters, 'hostedZoneId') AS zone,
       json_extract_scalar(element_at(requestParameters, 'changeBatch'), '$.changes[0].action') AS change,
       json_extract_scalar(element_at(requestParameters, 'changeBatch'), '$.changes[0].resourceRecordSet.name') AS record,
       errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'ChangeResourceRecordSets'
ORDER BY eventTime, eventID
