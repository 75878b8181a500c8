-- Who signed in to the console without a second factor?
-- for: security, audit
-- look for: IAM users and root. People who come through an identity provider
-- give their second factor there, and CloudTrail says No for them.
SELECT eventTime, userIdentity.type AS kind, coalesce(userIdentity.userName, userIdentity.arn) AS who,
       sourceIPAddress AS address, userAgent AS browser
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'ConsoleLogin'
  AND element_at(responseElements, 'ConsoleLogin') = 'Success'
  AND element_at(additionalEventData, 'MFAUsed') = 'No'
  AND userIdentity.type <> 'AssumedRole'
ORDER BY eventTime, eventID
