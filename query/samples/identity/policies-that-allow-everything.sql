-- Which policy was written that allows every action?
-- for: security, audit
-- look for: an Action of *, above all in policies within a user or a role,
-- where no review finds them.
SELECT eventTime, userIdentity.arn AS who, eventName AS action,
       coalesce(element_at(requestParameters, 'userName'), element_at(requestParameters, 'roleName'),
                element_at(requestParameters, 'groupName'), element_at(requestParameters, 'policyArn')) AS holder,
       element_at(requestParameters, 'policyName') AS policy, sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy', 'CreatePolicy', 'CreatePolicyVersion')
  AND regexp_like(element_at(requestParameters, 'policyDocument'), '"Action"\s*:\s*(\[\s*)?"\*"')
ORDER BY eventTime, eventID
