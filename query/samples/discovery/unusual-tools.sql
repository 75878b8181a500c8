-- Which programs does hardly anybody use?
-- for: security
-- param people number = 2: most identities that use it
-- look for: names of attack tools and of systems you do not run (kali, parrot,
-- pacu), plain curl, and SDKs of another age.
SELECT userAgent AS agent, count(DISTINCT coalesce(userIdentity.arn, userIdentity.accountId)) AS identities, count(*) AS calls,
       min(coalesce(userIdentity.arn, userIdentity.accountId)) AS one_of_them, min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userAgent NOT LIKE '%.amazonaws.com'
GROUP BY 1
HAVING count(DISTINCT coalesce(userIdentity.arn, userIdentity.accountId)) <= $people
ORDER BY identities, calls, agent
