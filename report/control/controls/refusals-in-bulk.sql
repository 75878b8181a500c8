-- Nobody tries door after door
-- why: Who is refused many different things is finding out what they may do.
-- do: Ask the caller; if they do not know of it, their credentials are somebody else's too.
-- severity: high
-- expect: no rows
-- param most number = 5: from how many different actions within an hour on it is a finding
SELECT date_trunc('hour', eventTime) AS hour, coalesce(userIdentity.arn, userIdentity.principalId) AS who, sourceIPAddress AS address,
       count(DISTINCT eventName) AS actions, count(*) AS refusals, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (errorCode LIKE 'AccessDenied%' OR errorCode LIKE '%UnauthorizedOperation') AND userIdentity.invokedBy IS NULL
GROUP BY 1, 2, 3
HAVING count(DISTINCT eventName) >= $most
ORDER BY 1, 2, 3
