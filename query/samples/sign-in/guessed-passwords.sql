-- Which sign-in succeeded after the same address had failed for the same user?
-- for: security
-- param least number = 3: fewest failures before it
-- look for: many failures in minutes, then a success without a second factor.
SELECT ok.sourceIPAddress AS address, ok.userIdentity.userName AS user_name, ok.eventTime AS signed_in,
       element_at(ok.additionalEventData, 'MFAUsed') AS second_factor,
       count(*) AS failures_before, min(bad.eventTime) AS first_failure
FROM $store AS ok
JOIN $store AS bad
  ON bad.sourceIPAddress = ok.sourceIPAddress AND bad.userIdentity.userName = ok.userIdentity.userName
WHERE ok.eventTime >= $from AND ok.eventTime < $to
  AND bad.eventTime >= $from AND bad.eventTime < $to
  AND ok.eventName = 'ConsoleLogin' AND element_at(ok.responseElements, 'ConsoleLogin') = 'Success'
  AND bad.eventName = 'ConsoleLogin' AND element_at(bad.responseElements, 'ConsoleLogin') = 'Failure'
  AND bad.eventTime < ok.eventTime AND bad.eventTime > date_add('hour', -24, ok.eventTime)
GROUP BY 1, 2, 3, 4
HAVING count(*) >= $least
ORDER BY failures_before DESC, signed_in
