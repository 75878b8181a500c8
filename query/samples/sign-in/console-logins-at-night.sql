-- Who signs in to the console outside of working hours?
-- for: security
-- param opens number = 5: the hour (UTC) in which work begins
-- param closes number = 18: the hour in which it is over
-- look for: people who never did before, and addresses that are not theirs.
SELECT eventTime, coalesce(userIdentity.userName, userIdentity.arn) AS who, sourceIPAddress AS address,
       element_at(responseElements, 'ConsoleLogin') AS outcome, element_at(additionalEventData, 'MFAUsed') AS second_factor
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'ConsoleLogin'
  AND (hour(eventTime) < $opens OR hour(eventTime) >= $closes OR day_of_week(eventTime) > 5)
ORDER BY eventTime, eventID
