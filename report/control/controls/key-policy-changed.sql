-- Who may use KMS keys stays as it was agreed
-- why: Who may use the key may read what it encrypted.
-- do: Compare the policy with the agreed one.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'keyId') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'kms.amazonaws.com' AND eventName = 'PutKeyPolicy'
  AND errorCode IS NULL
ORDER BY eventTime, eventID
