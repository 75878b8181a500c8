-- Who deleted many objects on one day?
-- for: security, operations
-- param least number = 20: fewest deletions
-- look for: deletions by people and by keys that never deleted before, above
-- all right behind reads of the same objects.
SELECT date(eventTime) AS on_day, coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS who,
       element_at(requestParameters, 'bucketName') AS bucket, count(*) AS deletions, min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('DeleteObject', 'DeleteObjects', 'DeleteObjectVersion') AND errorCode IS NULL
GROUP BY 1, 2, 3
HAVING count(*) >= $least
ORDER BY deletions DESC, on_day, who, bucket
