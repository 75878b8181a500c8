-- Event data stores take what they should, and stay
-- why: What is deleted there is lost to whoever asks later.
-- do: Restore the store within seven days; put its settings back.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'eventDataStore') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'cloudtrail.amazonaws.com' AND eventName IN ('DeleteEventDataStore', 'UpdateEventDataStore', 'StopEventDataStoreIngestion')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
