-- Changes of trails are looked at
-- why: A trail that leaves something out looks like one that works.
-- do: Compare the trail and its selectors with what was agreed.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'name'), element_at(requestParameters, 'trailName')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'cloudtrail.amazonaws.com' AND eventName IN ('CreateTrail', 'UpdateTrail', 'PutEventSelectors', 'PutInsightSelectors')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
