-- What was read by somebody who did not sign in?
-- for: security
-- look for: objects that were never meant for everybody.
SELECT element_at(requestParameters, 'bucketName') AS bucket, sourceIPAddress AS address, userAgent AS agent, count(*) AS reads,
       count(errorCode) AS failed, min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 's3.amazonaws.com'
  AND userIdentity.accountId = 'ANONYMOUS_PRINCIPAL'
GROUP BY 1, 2, 3
ORDER BY reads DESC, first, bucket, address
