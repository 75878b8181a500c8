-- Changes of policies are looked at
-- why: Policies say who may do what; each change should be one that somebody wanted.
-- do: Go through the list with those who own the policies.
-- severity: medium
-- expect: rows for review
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'policyArn'), element_at(requestParameters, 'policyName'), element_at(requestParameters, 'userName'), element_at(requestParameters, 'roleName')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName IN ('AttachGroupPolicy', 'AttachRolePolicy', 'AttachUserPolicy', 'CreatePolicy', 'CreatePolicyVersion', 'DeleteGroupPolicy', 'DeletePolicy', 'DeletePolicyVersion', 'DeleteRolePolicy', 'DeleteUserPolicy', 'DetachGroupPolicy', 'DetachRolePolicy', 'DetachUserPolicy', 'PutGroupPolicy', 'PutRolePolicy', 'PutUserPolicy', 'SetDefaultPolicyVersion')
ORDER BY eventTime, eventID
