-- Roles are taken on from known accounts alone
-- why: Who comes from another account is not one of your users.
-- do: Ask whose account it is; name it in the parameter if it is yours or a partner's.
-- severity: high
-- expect: no rows
-- param known text = ^$: a regular expression for accounts that may, such as ^(111122223333|444455556666)$
SELECT eventTime, eventID, coalesce(userIdentity.arn, userIdentity.principalId) AS who, eventName AS action, element_at(requestParameters, 'roleArn') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'sts.amazonaws.com' AND eventName = 'AssumeRole'
  AND userIdentity.accountId IS NOT NULL AND userIdentity.accountId <> recipientAccountId
  AND NOT regexp_like(userIdentity.accountId, $known) AND errorCode IS NULL
ORDER BY eventTime, eventID
