-- Policies of the organisation stay as they were agreed
-- why: They bound what even administrators may do.
-- do: Compare with what was agreed.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'policyId') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'organizations.amazonaws.com' AND eventName IN ('DetachPolicy', 'DeletePolicy', 'UpdatePolicy', 'DisablePolicyType')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
