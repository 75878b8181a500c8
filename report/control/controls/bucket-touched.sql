-- Who touched the bucket is on record
-- why: It is the first question after a leak.
-- do: Go through those whom you do not know.
-- severity: low
-- expect: rows for review
-- needs: Data
-- param bucket text: the bucket's name
SELECT coalesce(userIdentity.arn, userIdentity.principalId, userIdentity.invokedBy, 'nobody') AS who, eventName AS action, count(*) AS times,
       count(DISTINCT element_at(requestParameters, 'key')) AS objects, count(DISTINCT sourceIPAddress) AS addresses,
       min(eventTime) AS first, max(eventTime) AS last, count_if(errorCode IS NOT NULL) AS refused, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 's3.amazonaws.com' AND element_at(requestParameters, 'bucketName') = $bucket
GROUP BY 1, 2
ORDER BY 1, 2
