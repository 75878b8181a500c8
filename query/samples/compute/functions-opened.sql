-- Which functions can be called by everybody, or by another account?
-- for: security, audit
-- look for: a principal of *, and URLs without authentication.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'functionName') AS function_name,
       element_at(requestParameters, 'principal') AS principal,
       coalesce(element_at(requestParameters, 'authType'), element_at(requestParameters, 'functionUrlAuthType')) AS authentication,
       errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'lambda.amazonaws.com'
  AND (eventName LIKE 'AddPermission%' AND element_at(requestParameters, 'principal') NOT LIKE '%.amazonaws.com'
    OR eventName LIKE '%FunctionUrlConfig' AND element_at(requestParameters, 'authType') = 'NONE')
ORDER BY eventTime, eventID
