-- Nobody makes an access key for somebody else
-- why: Whoever makes it has it.
-- do: Ask both; delete the key if either did not want it.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'userName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName = 'CreateAccessKey'
  AND errorCode IS NULL AND element_at(requestParameters, 'userName') IS DISTINCT FROM userIdentity.userName AND element_at(requestParameters, 'userName') IS NOT NULL
ORDER BY eventTime, eventID
