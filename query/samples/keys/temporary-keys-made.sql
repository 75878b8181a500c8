-- Who makes temporary keys out of long-lived ones?
-- for: security
-- look for: GetFederationToken by anybody whose programs do not need it: the
-- key it makes lives on for up to 36 hours when the long-lived key is deleted.
SELECT userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'name') AS in_the_name_of, count(*) AS times,
       count(errorCode) AS failed, min(eventTime) AS first, max(eventTime) AS last, min(sourceIPAddress) AS address
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('GetFederationToken', 'GetSessionToken')
GROUP BY 1, 2, 3
ORDER BY action, first, who, in_the_name_of
