-- Nobody gets in after a row of failures
-- why: A guess that worked looks like this.
-- do: Treat the user as taken over: end the sessions, change the password, look for keys that were made since.
-- severity: critical
-- expect: no rows
-- param most number = 5: from how many failures of the address within two hours on it is a finding
SELECT s.eventTime, s.eventID, s.who, s.address, count(*) AS failures_before
FROM (SELECT eventTime, eventID, coalesce(userIdentity.userName, userIdentity.arn) AS who, sourceIPAddress AS address FROM $store
      WHERE eventTime >= $from AND eventTime < $to AND eventName = 'ConsoleLogin' AND element_at(responseElements, 'ConsoleLogin') = 'Success') s
JOIN (SELECT eventTime, sourceIPAddress AS address FROM $store
      WHERE eventTime >= $from AND eventTime < $to AND eventName = 'ConsoleLogin' AND element_at(responseElements, 'ConsoleLogin') = 'Failure') f
  ON f.address = s.address AND f.eventTime < s.eventTime AND f.eventTime > s.eventTime - interval '2' hour
GROUP BY 1, 2, 3, 4
HAVING count(*) >= $most
ORDER BY 1, 2
