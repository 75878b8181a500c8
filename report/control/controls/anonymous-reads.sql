-- Nobody reads objects without saying who
-- why: Then anybody can.
-- do: Close the bucket, or acknowledge that it is meant for everybody.
-- severity: high
-- expect: each row acknowledged
-- needs: Data
SELECT element_at(requestParameters, 'bucketName') AS bucket, count(*) AS reads, count(DISTINCT sourceIPAddress) AS addresses,
       min(eventTime) AS first, max(eventTime) AS last, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 's3.amazonaws.com' AND eventName = 'GetObject' AND errorCode IS NULL
  AND (userIdentity.accountId = 'ANONYMOUS_PRINCIPAL' OR userIdentity.accountId = 'anonymous')
GROUP BY 1
ORDER BY 1
