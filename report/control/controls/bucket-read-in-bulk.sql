-- Nobody takes the bucket away
-- why: Reading all of it within an hour is not work, it is a copy.
-- do: Ask the reader; see where from.
-- severity: high
-- expect: no rows
-- needs: Data
-- param bucket text: the bucket's name
-- param most number = 10: from how many objects within an hour on it is a finding
SELECT date_trunc('hour', eventTime) AS hour, coalesce(userIdentity.arn, userIdentity.principalId) AS who, sourceIPAddress AS address,
       count(DISTINCT element_at(requestParameters, 'key')) AS objects, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 's3.amazonaws.com' AND eventName IN ('GetObject', 'CopyObject') AND errorCode IS NULL
  AND element_at(requestParameters, 'bucketName') = $bucket
GROUP BY 1, 2, 3
HAVING count(DISTINCT element_at(requestParameters, 'key')) >= $most
ORDER BY 1, 2, 3
