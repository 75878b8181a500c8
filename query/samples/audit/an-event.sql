-- What does an event say, in full?
-- for: audit, security
-- param id text: the event's id
-- look for: eventJson is the record as AWS delivered it, byte by byte.
SELECT eventTime, eventSource AS service, eventName AS action, userIdentity.arn AS who, sourceIPAddress AS address,
       eventJson AS record
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventID = $id
