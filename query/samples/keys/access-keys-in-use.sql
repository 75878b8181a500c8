-- Which long-lived access keys are in use, since when and until when?
-- for: audit
-- look for: keys used for longer than your rule allows, and keys that are not
-- used any more and could go.
SELECT userIdentity.userName AS user_name, recipientAccountId AS account, userIdentity.accessKeyId AS key_id,
       min(eventTime) AS first, max(eventTime) AS last, date_diff('day', min(eventTime), max(eventTime)) AS days,
       count(*) AS calls, count(DISTINCT sourceIPAddress) AS addresses
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.accessKeyId LIKE 'AKIA%'
GROUP BY 1, 2, 3
ORDER BY days DESC, calls DESC, key_id
