-- Root has no access keys
-- why: A key of root is root for whoever has it, with no second factor.
-- do: Delete the key, and give what used it a role of its own.
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'userName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName = 'CreateAccessKey'
  AND userIdentity.type = 'Root' AND errorCode IS NULL
ORDER BY eventTime, eventID
