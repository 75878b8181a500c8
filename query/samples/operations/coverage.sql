-- From when to when are there events of each account and region, and on how many days?
-- for: operations, audit
-- look for: fewer days with events than between first and last: either nothing
-- happened, or the trail was off, or files are missing.
SELECT recipientAccountId AS account, awsRegion AS region, min(eventTime) AS first, max(eventTime) AS last,
       count(DISTINCT date(eventTime)) AS days_with_events,
       date_diff('day', date(min(eventTime)), date(max(eventTime))) + 1 AS days_between,
       count(*) AS events
FROM $store
WHERE eventTime >= $from AND eventTime < $to
GROUP BY 1, 2
ORDER BY 1, 2
