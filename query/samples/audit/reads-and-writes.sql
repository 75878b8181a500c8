-- How much of what is done in each service only reads?
-- for: audit, operations
-- look for: services in which more is written than you would think.
SELECT eventSource AS service, sum(CASE WHEN readOnly THEN 1 ELSE 0 END) AS reads,
       sum(CASE WHEN readOnly THEN 0 ELSE 1 END) AS writes,
       count(errorCode) AS failed, count(DISTINCT recipientAccountId) AS accounts
FROM $store
WHERE eventTime >= $from AND eventTime < $to
GROUP BY 1
ORDER BY writes DESC, service
