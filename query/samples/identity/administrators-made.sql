-- Who was given a policy that allows everything, or joined such a group?
-- for: security, audit
-- param policy text = %AdministratorAccess: the end of the policy's ARN, with % for anything
-- param group text = %admin%: the group's name, with % for anything
-- look for: users of programs, and whoever gave it to themselves.
SELECT eventTime, userIdentity.arn AS who, eventName AS action,
       coalesce(element_at(requestParameters, 'userName'), element_at(requestParameters, 'roleName'), element_at(requestParameters, 'groupName')) AS to_whom,
       coalesce(element_at(requestParameters, 'policyArn'), element_at(requestParameters, 'groupName')) AS what,
       sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventName IN ('AttachUserPolicy', 'AttachRolePolicy', 'AttachGroupPolicy') AND element_at(requestParameters, 'policyArn') LIKE $policy
    OR eventName = 'AddUserToGroup' AND lower(element_at(requestParameters, 'groupName')) LIKE $group)
ORDER BY eventTime, eventID
