-- Nobody sets somebody else's console password
-- why: A password that another has set is one that another knows.
-- do: Ask both. A help desk should use one that has to be changed at once.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'userName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName IN ('CreateLoginProfile', 'UpdateLoginProfile')
  AND errorCode IS NULL AND element_at(requestParameters, 'userName') IS DISTINCT FROM userIdentity.userName
ORDER BY eventTime, eventID
