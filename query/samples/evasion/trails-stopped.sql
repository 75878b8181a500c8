-- Who stopped, changed or removed a trail?
-- for: security, audit
-- look for: any stop. Between StopLogging and StartLogging another trail has to
-- say what happened.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, awsRegion AS region,
       coalesce(element_at(requestParameters, 'name'), element_at(requestParameters, 'trailName')) AS trail,
       sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'cloudtrail.amazonaws.com'
  AND eventName IN ('StopLogging', 'StartLogging', 'DeleteTrail', 'UpdateTrail', 'CreateTrail', 'PutEventSelectors',
                    'DeleteEventDataStore', 'StopEventDataStoreIngestion')
ORDER BY eventTime, eventID
