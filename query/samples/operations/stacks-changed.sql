-- Which stacks were changed or removed?
-- for: operations
-- look for: stacks removed, and changes that nobody has announced.
SELECT eventTime, coalesce(userIdentity.sessionContext.sessionIssuer.userName, userIdentity.userName) AS who, eventName AS action,
       element_at(requestParameters, 'stackName') AS stack, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'cloudformation.amazonaws.com'
  AND eventName IN ('CreateStack', 'UpdateStack', 'DeleteStack', 'ExecuteChangeSet', 'CancelUpdateStack', 'UpdateTerminationProtection')
ORDER BY eventTime, eventID
