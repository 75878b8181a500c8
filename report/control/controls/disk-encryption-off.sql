-- New disks are encrypted
-- why: It is on for all, or forgotten for some.
-- do: Turn it on again; see which disks were made meanwhile.
-- severity: high
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, cast(NULL AS varchar) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'ec2.amazonaws.com' AND eventName = 'DisableEbsEncryptionByDefault'
  AND errorCode IS NULL
ORDER BY eventTime, eventID
