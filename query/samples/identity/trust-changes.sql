-- Who changed which accounts or services may take a role?
-- for: security, audit
-- look for: accounts that are not yours. They stay in the list of accounts when
-- everything else of an intruder is gone.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'roleName') AS role,
       array_join(array_distinct(regexp_extract_all(coalesce(element_at(requestParameters, 'policyDocument'), element_at(requestParameters, 'assumeRolePolicyDocument')), '[0-9]{12}')), ' ') AS accounts,
       errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('UpdateAssumeRolePolicy', 'CreateRole')
ORDER BY eventTime, eventID
