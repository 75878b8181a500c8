-- Who gave whom access to an encryption key?
-- for: security, audit
-- look for: other accounts. AWS services give themselves grants all the time;
-- they are left out.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'keyId') AS encryption_key,
       element_at(requestParameters, 'granteePrincipal') AS to_whom,
       array_join(array_distinct(regexp_extract_all(element_at(requestParameters, 'policy'), 'arn:aws[a-z-]*:iam::[0-9]{12}:[^"]+')), ' ') AS in_policy,
       errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventName = 'PutKeyPolicy'
    OR eventName = 'CreateGrant' AND element_at(requestParameters, 'granteePrincipal') NOT LIKE '%.amazonaws.com')
ORDER BY eventTime, eventID
