-- The account's addresses and regions stay as they are
-- why: Mails about abuse and bills go to these addresses, and nobody looks at regions that are off.
-- do: Compare with what was agreed.
-- severity: medium
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'alternateContactType'), element_at(requestParameters, 'regionName')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'account.amazonaws.com' AND eventName IN ('PutContactInformation', 'PutAlternateContact', 'DeleteAlternateContact', 'EnableRegion', 'DisableRegion', 'StartPrimaryEmailUpdate')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
