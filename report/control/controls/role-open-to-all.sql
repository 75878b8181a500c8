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
  AND (coalesce(
    try(any_match(CAST(json_extract(element_at(requestParameters, 'assumeRolePolicyDocument'), '$.Statement') AS array(json)), s -> coalesce(json_extract_scalar(s, '$.Effect') = 'Allow'
      AND coalesce(NOT regexp_like(json_format(json_extract(s, '$.Condition')), '(?i)"(aws:(Principal(Org|Arn|Account)|Source(Ip|Arn|Account|Owner|Vpc|Org)|Vpce|userid)|s3:DataAccessPoint)'), true)
      AND (json_extract_scalar(s, '$.Principal') = '*' OR json_extract(s, '$.NotPrincipal') IS NOT NULL
        OR json_extract_scalar(s, '$.Principal.AWS') = '*' OR coalesce(json_array_contains(json_extract(s, '$.Principal.AWS'), '*'), false)), false))),
    regexp_like(element_at(requestParameters, 'assumeRolePolicyDocument'), '(?s)"(Principal|AWS)"\s*:\s*(\[[^\]]*)?"\*"'), false)
  OR coalesce(
    try(any_match(CAST(json_extract(element_at(requestParameters, 'policyDocument'), '$.Statement') AS array(json)), s -> coalesce(json_extract_scalar(s, '$.Effect') = 'Allow'
      AND coalesce(NOT regexp_like(json_format(json_extract(s, '$.Condition')), '(?i)"(aws:(Principal(Org|Arn|Account)|Source(Ip|Arn|Account|Owner|Vpc|Org)|Vpce|userid)|s3:DataAccessPoint)'), true)
      AND (json_extract_scalar(s, '$.Principal') = '*' OR json_extract(s, '$.NotPrincipal') IS NOT NULL
        OR json_extract_scalar(s, '$.Principal.AWS') = '*' OR coalesce(json_array_contains(json_extract(s, '$.Principal.AWS'), '*'), false)), false))),
    regexp_like(element_at(requestParameters, 'policyDocument'), '(?s)"(Principal|AWS)"\s*:\s*(\[[^\]]*)?"\*"'), false))
  AND errorCode IS NULL
ORDER BY eventTime, eventID
