-- Who read from a bucket, how many objects and how much?
-- for: security, audit
-- param bucket text: the bucket's name
-- look for: people and keys that never read there before, and more bytes than
-- any task needs.
SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.accountId) AS who,
       count(*) AS reads, count(DISTINCT element_at(requestParameters, 'key')) AS objects,
       sum(TRY_CAST(element_at(additionalEventData, 'bytesTransferredOut') AS double)) AS bytes,
       min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('GetObject', 'CopyObject', 'SelectObjectContent')
  AND element_at(requestParameters, 'bucketName') = $bucket
GROUP BY 1
ORDER BY objects DESC, who
