-- Which address tries the passwords of several users?
-- for: security
-- param users number = 3: fewest different users
-- look for: any row. One office address may show up when many people come
-- through it; an address that never succeeds for anybody is not an office.
SELECT sourceIPAddress AS address, count(DISTINCT userIdentity.userName) AS users,
       count(*) AS attempts,
       sum(CASE WHEN element_at(responseElements, 'ConsoleLogin') = 'Success' THEN 1 ELSE 0 END) AS successes,
       min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'ConsoleLogin'
GROUP BY 1
HAVING count(DISTINCT CASE WHEN element_at(responseElements, 'ConsoleLogin') = 'Failure' THEN userIdentity.userName END) >= $users
ORDER BY users DESC, attempts DESC, address
