-- Who works with administrators' roles is on record
-- why: These rights should be with few, and used seldom.
-- do: Take the role from those who do not need it.
-- severity: low
-- expect: rows for review
-- param role text = %admin%: the role's ARN, with % for anything
SELECT element_at(requestParameters, 'roleArn') AS role, coalesce(userIdentity.arn, userIdentity.principalId, userIdentity.userName) AS who, count(*) AS times,
       min(eventTime) AS first, max(eventTime) AS last, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'sts.amazonaws.com' AND eventName LIKE 'AssumeRole%' AND errorCode IS NULL
  AND lower(element_at(requestParameters, 'roleArn')) LIKE $role
GROUP BY 1, 2
ORDER BY 1, 2
