-- Which session's temporary key was used from several addresses within an hour?
-- for: security
-- param addresses number = 2: fewest addresses
-- look for: the same machine or program in two places at once. People on their
-- way home do that, too; the credentials of a machine do not.
SELECT date_trunc('hour', eventTime) AS in_hour, userIdentity.accessKeyId AS key_id, min(userIdentity.arn) AS who,
       count(DISTINCT sourceIPAddress) AS addresses, array_join(array_sort(array_agg(DISTINCT sourceIPAddress)), ' ') AS which,
       count(*) AS calls
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.accessKeyId LIKE 'ASIA%' AND userIdentity.invokedBy IS NULL
  AND regexp_like(sourceIPAddress, '^[0-9a-fA-F:.]+$')
GROUP BY 1, 2
HAVING count(DISTINCT sourceIPAddress) >= $addresses
ORDER BY addresses DESC, in_hour, key_id
LIMIT 50
