-- Who deleted or ended something?
-- for: operations, audit
-- param name text = %: part of its name or id, with % for anything
-- look for: the row right before the alarm.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, awsRegion AS region, requestParameters AS what, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND managementEvent = true AND userIdentity.invokedBy IS NULL
  AND regexp_like(eventName, '^(Delete|Terminate|Remove|Purge|Release)')
  AND ($name = '%' OR any_match(map_values(requestParameters), v -> v LIKE '%' || $name || '%'))
ORDER BY eventTime DESC, eventID
LIMIT 100
