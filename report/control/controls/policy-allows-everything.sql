-- No policy allows everything
-- why: One that does makes an administrator of whoever has it.
-- do: Replace it by what is needed; see who has it.
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'policyName'), element_at(requestParameters, 'policyArn'), element_at(requestParameters, 'userName')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName IN ('PutUserPolicy', 'PutRolePolicy', 'PutGroupPolicy', 'CreatePolicy', 'CreatePolicyVersion')
  AND coalesce(
    try(any_match(CAST(json_extract(element_at(requestParameters, 'policyDocument'), '$.Statement') AS array(json)), s -> coalesce(json_extract_scalar(s, '$.Effect') = 'Allow'
      AND (regexp_like(json_format(json_extract(s, '$.Action')), '"[*:]+"') OR json_extract(s, '$.NotAction') IS NOT NULL)
      AND (regexp_like(json_format(json_extract(s, '$.Resource')), '"(arn:[a-z*-]+:)?[*:/]+"') OR json_extract(s, '$.NotResource') IS NOT NULL), false))),
    regexp_like(element_at(requestParameters, 'policyDocument'), '(?s)"(Action"\s*:\s*(\[[^\]]*)?"[*:]+"|NotAction")'), false) AND errorCode IS NULL
ORDER BY eventTime, eventID
