-- Nobody is made an administrator unseen
-- why: Rights over everything are the goal of most attacks.
-- do: Ask who wanted it and who agreed; take it away if nobody did.
-- severity: critical
-- expect: each row acknowledged
-- param policy text = (AdministratorAccess|IAMFullAccess|PowerUserAccess)$: a regular expression for the policies' ARNs
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'userName'), element_at(requestParameters, 'roleName'), element_at(requestParameters, 'groupName'), element_at(requestParameters, 'permissionSetArn')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource IN ('iam.amazonaws.com', 'sso.amazonaws.com') AND eventName IN ('AttachUserPolicy', 'AttachRolePolicy', 'AttachGroupPolicy', 'AttachManagedPolicyToPermissionSet')
  AND regexp_like(coalesce(element_at(requestParameters, 'policyArn'), element_at(requestParameters, 'managedPolicyArn')), $policy) AND errorCode IS NULL
ORDER BY eventTime, eventID
