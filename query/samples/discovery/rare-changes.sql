-- Which kinds of change happen hardly ever?
-- for: security, audit
-- param most number = 1: most times that it happened
-- look for: what belongs to no project anybody knows of.
SELECT eventSource AS service, eventName AS action, count(*) AS times, min(eventTime) AS first,
       min(userIdentity.arn) AS who, min(errorCode) AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND readOnly = false AND eventType = 'AwsApiCall'
GROUP BY 1, 2
HAVING count(*) <= $most
ORDER BY first, service, action
