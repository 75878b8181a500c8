-- Users sign in to the console with a second factor
-- why: A password alone can be guessed, found or fished for.
-- do: Ask the user whether it was they; require MFA by policy.
-- severity: high
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, userIdentity.userName AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'ConsoleLogin' AND userIdentity.type = 'IAMUser'
  AND element_at(responseElements, 'ConsoleLogin') = 'Success' AND coalesce(element_at(additionalEventData, 'MFAUsed'), 'No') <> 'Yes'
ORDER BY eventTime, eventID
