-- Who may take on a role stays as it was agreed
-- why: Trust is a door: who is named may come in as the role.
-- do: Compare the trust policy with the agreed one.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'roleName') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND (eventName = 'UpdateAssumeRolePolicy'
    OR eventName = 'CreateRole' AND any_match(regexp_extract_all(element_at(requestParameters, 'assumeRolePolicyDocument'), '(::|")([0-9]{12})[:"]', 2), a -> a <> recipientAccountId))
  AND errorCode IS NULL
ORDER BY eventTime, eventID
