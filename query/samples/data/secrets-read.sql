-- Who reads secrets, and how many different ones?
-- for: security, audit
-- param least number = 3: fewest different secrets
-- look for: people, and programs that read secrets of other programs.
SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS who,
       count(DISTINCT element_at(requestParameters, 'secretId')) AS secrets, count(*) AS reads, count(errorCode) AS failed,
       min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'secretsmanager.amazonaws.com'
  AND eventName IN ('GetSecretValue', 'BatchGetSecretValue')
GROUP BY 1
HAVING count(DISTINCT element_at(requestParameters, 'secretId')) >= $least
ORDER BY secrets DESC, reads DESC, who
