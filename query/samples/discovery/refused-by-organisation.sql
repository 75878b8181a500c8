-- What did a service control policy refuse?
-- for: security, audit
-- look for: who runs into the organization's limits: an intruder with every
-- right in the account still does.
SELECT eventTime, recipientAccountId AS account, userIdentity.arn AS who, eventName AS action, sourceIPAddress AS address
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND errorMessage LIKE '%service control policy%'
ORDER BY eventTime, eventID
