-- No role trusts everybody
-- why: Anybody with an account may take it on.
-- do: Name those who may, or delete the role.
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'roleName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName IN ('CreateRole', 'UpdateAssumeRolePolicy')
  AND (regexp_like(coalesce(element_at(requestParameters, 'assumeRolePolicyDocument'), ''), '(?s)"(Principal|AWS)"\s*:\s*(\{\s*"AWS"\s*:\s*)?(\[\s*)?"\*"') OR regexp_like(coalesce(element_at(requestParameters, 'policyDocument'), ''), '(?s)"(Principal|AWS)"\s*:\s*(\{\s*"AWS"\s*:\s*)?(\[\s*)?"\*"')) AND errorCode IS NULL
ORDER BY eventTime, eventID
