-- No function can be called by everybody
-- why: Whoever calls it runs your code, with its rights.
-- do: Name who may.
-- severity: high
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'functionName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'lambda.amazonaws.com' AND (eventName LIKE 'AddPermission%' AND element_at(requestParameters, 'principal') = '*' AND element_at(requestParameters, 'principalOrgID') IS NULL
    OR eventName IN ('CreateFunctionUrlConfig', 'UpdateFunctionUrlConfig') AND element_at(requestParameters, 'authType') = 'NONE')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
