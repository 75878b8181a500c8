-- From which addresses was a user of the console seen on a single day only?
-- for: security
-- param calls number = 10: fewest requests from there
-- look for: a day on which the same user also worked from the usual place, and
-- requests that were refused.
SELECT coalesce(userIdentity.userName, userIdentity.arn) AS who, sourceIPAddress AS address, date(min(eventTime)) AS seen_on,
       count(*) AS calls, count(errorCode) AS failed
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND sessionCredentialFromConsole = 'true'
  AND userIdentity.type IN ('IAMUser', 'Root')
GROUP BY 1, 2
HAVING count(DISTINCT date(eventTime)) = 1 AND count(*) >= $calls
ORDER BY failed DESC, calls DESC, who, address
