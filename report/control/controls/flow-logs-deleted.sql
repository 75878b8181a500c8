-- Networks keep their flow logs
-- why: They say who spoke with whom.
-- do: Make them again.
-- severity: high
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, cast(NULL AS varchar) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND eventName = 'DeleteFlowLogs'
  AND errorCode IS NULL
ORDER BY eventTime, eventID
