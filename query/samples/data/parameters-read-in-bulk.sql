-- Who reads whole branches of parameters?
-- for: security
-- look for: people and keys that are no program's: passwords often lie there.
SELECT userIdentity.arn AS who, element_at(requestParameters, 'path') AS path,
       element_at(requestParameters, 'withDecryption') AS decrypted,
       count(*) AS reads, count(errorCode) AS failed, min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'GetParametersByPath' AND userIdentity.type <> 'AssumedRole'
GROUP BY 1, 2, 3
ORDER BY first, path, who
