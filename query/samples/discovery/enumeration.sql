-- Who looks at many different things within an hour?
-- for: security
-- param least number = 8: fewest different reading actions in the hour
-- look for: keys and people that do not do that otherwise. Tools that take
-- stock, and AWS services, do it every day; those in the name of a service are
-- left out.
SELECT date_trunc('hour', eventTime) AS in_hour, userIdentity.arn AS who, count(DISTINCT eventName) AS different_actions,
       count(DISTINCT eventSource) AS services, count(*) AS calls, count(errorCode) AS failed, min(sourceIPAddress) AS address
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND readOnly = true AND userIdentity.invokedBy IS NULL
  AND regexp_like(eventName, '^(List|Describe|Get|Lookup)')
  AND eventName NOT IN ('GetObject', 'GetItem', 'GetRecords')
GROUP BY 1, 2
HAVING count(DISTINCT eventName) >= $least
ORDER BY different_actions DESC, in_hour, who
LIMIT 50
