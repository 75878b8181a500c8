-- New users are known
-- why: A user of one's own is how somebody stays.
-- do: Ask who wanted the user; people should come by the identity provider.
-- severity: medium
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'userName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName = 'CreateUser'
  AND errorCode IS NULL
ORDER BY eventTime, eventID
