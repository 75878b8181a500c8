-- Nobody joins the administrators unseen
-- why: A group gives its rights to whoever joins.
-- do: Ask who wanted it and who agreed.
-- severity: high
-- expect: each row acknowledged
-- param group text = %admin%: the group's name, with % for anything
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'userName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName = 'AddUserToGroup'
  AND lower(element_at(requestParameters, 'groupName')) LIKE $group AND errorCode IS NULL
ORDER BY eventTime, eventID
