-- Everything done to trails is on record
-- why: It is what an auditor asks for first.
-- do: Nothing, if each row is one that you know.
-- severity: low
-- expect: rows for review
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'name'), element_at(requestParameters, 'trailName')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'cloudtrail.amazonaws.com' AND eventName IN ('CreateTrail', 'UpdateTrail', 'DeleteTrail', 'StartLogging', 'StopLogging', 'PutEventSelectors', 'PutInsightSelectors')
ORDER BY eventTime, eventID
