-- Nobody is made an administrator unseen
-- why: Rights over everything are the goal of most attacks.
-- do: Ask who wanted it and who agreed; take it away if nobody did.
-- severity: critical
-- expect: each row acknowledged
-- param policy text = %AdministratorAccess: the end of the policy's ARN, with % for anything
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'userName'), element_at(requestParameters, 'roleName'), element_at(requestParameters, 'groupName')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName IN ('AttachUserPolicy', 'AttachRolePolicy', 'AttachGroupPolicy')
  AND element_at(requestParameters, 'policyArn') LIKE $policy AND errorCode IS NULL
ORDER BY eventTime, eventID
