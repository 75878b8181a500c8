-- Refused calls are looked at
-- why: They show what does not work, and who tries.
-- do: Go through those with many, and those of people.
-- severity: low
-- expect: rows for review
SELECT coalesce(userIdentity.arn, userIdentity.principalId, userIdentity.invokedBy) AS who, eventSource AS service, eventName AS action, count(*) AS times,
       min(eventTime) AS first, max(eventTime) AS last, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (errorCode LIKE 'AccessDenied%' OR errorCode LIKE '%UnauthorizedOperation')
GROUP BY 1, 2, 3
ORDER BY times DESC, 1, 2, 3
