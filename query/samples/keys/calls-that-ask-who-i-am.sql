-- Whose long-lived keys ask who they are?
-- for: security
-- look for: keys of programs, which know who they are. It is the first thing a
-- thief of a key does.
SELECT eventTime, userIdentity.userName AS user_name, userIdentity.accessKeyId AS key_id, sourceIPAddress AS address,
       userAgent AS agent
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'GetCallerIdentity' AND userIdentity.type = 'IAMUser' AND userIdentity.accessKeyId LIKE 'AKIA%'
ORDER BY eventTime, eventID
