-- Root signs in with a second factor
-- why: A password alone can be guessed, found or fished for.
-- do: Turn on MFA for root, and ask who signed in.
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, userAgent AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'ConsoleLogin' AND userIdentity.type = 'Root'
  AND element_at(responseElements, 'ConsoleLogin') = 'Success' AND coalesce(element_at(additionalEventData, 'MFAUsed'), 'No') <> 'Yes'
ORDER BY eventTime, eventID
