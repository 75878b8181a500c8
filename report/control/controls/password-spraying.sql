-- No address tries the passwords of several users
-- why: One that fails for several users has a list of names.
-- do: Block the address, and look at what it did with the users that it knows.
-- severity: high
-- expect: no rows
-- param most number = 3: from how many users on it is a finding
SELECT sourceIPAddress AS address, count(DISTINCT coalesce(userIdentity.userName, 'unknown')) AS users, count(*) AS failures,
       min(eventTime) AS first, max(eventTime) AS last, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'ConsoleLogin' AND element_at(responseElements, 'ConsoleLogin') = 'Failure'
GROUP BY 1
HAVING count(DISTINCT coalesce(userIdentity.userName, 'unknown')) >= $most
ORDER BY 1
