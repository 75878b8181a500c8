-- Passwords are not tried again and again
-- why: Many failures for one user within an hour are somebody who guesses.
-- do: Ask the user; if it was not they, see whether it worked in the end (login-after-failures), and block the address.
-- severity: high
-- expect: no rows
-- param most number = 5: from how many failures of a user in an hour on it is a finding
SELECT date_trunc('hour', eventTime) AS hour, coalesce(userIdentity.userName, 'unknown') AS who, count(*) AS failures,
       count(DISTINCT sourceIPAddress) AS addresses, min(sourceIPAddress) AS address, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'ConsoleLogin' AND element_at(responseElements, 'ConsoleLogin') = 'Failure'
GROUP BY 1, 2
HAVING count(*) >= $most
ORDER BY 1, 2
