-- How many events does each account deliver, day by day?
-- for: operations, audit
-- look for: days with far fewer or far more than their neighbours.
SELECT date(eventTime) AS on_day, recipientAccountId AS account, count(*) AS events, count(DISTINCT awsRegion) AS regions,
       sum(CASE WHEN managementEvent THEN 0 ELSE 1 END) AS data_events, sum(length(eventJson)) AS letters
FROM $store
WHERE eventTime >= $from AND eventTime < $to
GROUP BY 1, 2
ORDER BY 1, 2
