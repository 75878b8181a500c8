-- What did the root user do?
-- for: security, audit
-- look for: anything. The root user is for the few things that nobody else
-- can do; keys made for it should not exist.
SELECT eventTime, recipientAccountId AS account, eventName AS action, sourceIPAddress AS address,
       readOnly AS reads_only, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.type = 'Root' AND userIdentity.invokedBy IS NULL
  AND eventType <> 'AwsServiceEvent'
ORDER BY eventTime, eventID
