-- Who took most data out of S3, day by day?
-- for: security, operations
-- param rows number = 20: how many rows to show
-- look for: days that differ from the others of the same identity.
SELECT date(eventTime) AS on_day,
       coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.accountId) AS who,
       count(*) AS objects, sum(TRY_CAST(element_at(additionalEventData, 'bytesTransferredOut') AS double)) AS bytes
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'GetObject' AND errorCode IS NULL
GROUP BY 1, 2
ORDER BY objects DESC, on_day, who
LIMIT $rows
