-- Logs are kept as long as they must be
-- why: What is gone cannot be looked up.
-- do: Set the period that was agreed.
-- severity: medium
-- expect: no rows
-- param days number = 7: how many days logs have to be kept at least
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'logGroupName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'logs.amazonaws.com' AND eventName = 'PutRetentionPolicy'
  AND try_cast(element_at(requestParameters, 'retentionInDays') AS integer) < $days AND errorCode IS NULL
ORDER BY eventTime, eventID
