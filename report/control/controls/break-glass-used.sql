-- The roles for emergencies are used in emergencies
-- why: They pass over what holds everybody else back.
-- do: Ask for the ticket. There should be one for each row.
-- severity: high
-- expect: each row acknowledged
-- param role text = %break%glass%: the role's ARN, with % for anything
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'roleArn') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'sts.amazonaws.com' AND eventName IN ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
  AND lower(element_at(requestParameters, 'roleArn')) LIKE $role AND errorCode IS NULL
ORDER BY eventTime, eventID
