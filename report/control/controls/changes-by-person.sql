-- Who changed how much is on record
-- why: A person who changes much more than usual is worth a word.
-- do: Compare with the weeks before.
-- severity: low
-- expect: rows for review
SELECT coalesce(userIdentity.arn, userIdentity.principalId) AS who, count(*) AS changes, count(DISTINCT eventName) AS actions, count_if(errorCode IS NOT NULL) AS failed,
       min(eventTime) AS first, max(eventTime) AS last, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to AND readOnly = false AND coalesce(eventCategory, 'Management') = 'Management' AND userIdentity.invokedBy IS NULL
GROUP BY 1
ORDER BY changes DESC, 1
LIMIT 200
