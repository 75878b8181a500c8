-- Which roles take other roles?
-- for: security
-- param rows number = 50: how many rows to show
-- look for: chains nobody planned: the rights of the last role count, and its
-- session lives on when the first is stopped.
SELECT userIdentity.sessionContext.sessionIssuer.arn AS from_role, element_at(requestParameters, 'roleArn') AS to_role,
       count(*) AS times, count(errorCode) AS failed, min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'AssumeRole' AND userIdentity.type = 'AssumedRole'
GROUP BY 1, 2
ORDER BY times DESC, from_role, to_role
LIMIT $rows
