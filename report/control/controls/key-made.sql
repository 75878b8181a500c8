-- New access keys are known
-- why: A key works from anywhere until somebody deletes it.
-- do: Ask what it is for; give programs roles in place of keys.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'userName'), userIdentity.userName) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName = 'CreateAccessKey'
  AND errorCode IS NULL
ORDER BY eventTime, eventID
