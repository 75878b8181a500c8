-- Who fails to sign in to the console, and from where?
-- for: security
-- param least number = 3: fewest failures from one address
-- look for: one address that fails for several users, or a name that nobody
-- has ("No username found"). A person who forgot a password fails a few times
-- from an address that is known.
SELECT sourceIPAddress AS address, userIdentity.userName AS user_name, errorMessage AS reason,
       count(*) AS failures, min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'ConsoleLogin'
  AND element_at(responseElements, 'ConsoleLogin') = 'Failure'
GROUP BY 1, 2, 3
HAVING count(*) >= $least
ORDER BY failures DESC, address, user_name, reason
