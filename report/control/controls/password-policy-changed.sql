-- The password policy stays as it was agreed
-- why: A weaker one lets weaker passwords in for everybody.
-- do: Compare the new policy with the agreed one, and put that back.
-- severity: medium
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'minimumPasswordLength') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'iam.amazonaws.com' AND eventName IN ('UpdateAccountPasswordPolicy', 'DeleteAccountPasswordPolicy')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
