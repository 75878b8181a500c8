-- For how long was nothing heard of an account and region?
-- for: operations, audit
-- param hours number = 12: shortest silence
-- look for: silences that begin with StopLogging, or when delivery was broken.
SELECT account, region, last_event, next_event, date_diff('hour', last_event, next_event) AS silent_hours
FROM (SELECT recipientAccountId AS account, awsRegion AS region, eventTime AS next_event,
             lag(eventTime) OVER (PARTITION BY recipientAccountId, awsRegion ORDER BY eventTime) AS last_event
      FROM $store
      WHERE eventTime >= $from AND eventTime < $to)
WHERE date_diff('hour', last_event, next_event) >= $hours
ORDER BY silent_hours DESC, account, region, next_event
