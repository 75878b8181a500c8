-- Are the credentials of a machine used from outside of it?
-- for: security
-- param inside text = 10.%: addresses of your own network, with % for anything
-- look for: any row that is not your own way out to the internet: what a
-- machine's metadata service gave away is used elsewhere.
SELECT userIdentity.arn AS who, sourceIPAddress AS address, count(*) AS calls, count(errorCode) AS failed,
       array_join(array_sort(array_agg(DISTINCT eventName)), ' ') AS actions, min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.type = 'AssumedRole'
  AND regexp_like(userIdentity.arn, '/i-[0-9a-f]+$')
  AND regexp_like(sourceIPAddress, '^[0-9a-fA-F:.]+$')
  AND sourceIPAddress NOT LIKE $inside
GROUP BY 1, 2
ORDER BY first, who, address
