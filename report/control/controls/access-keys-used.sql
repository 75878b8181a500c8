-- Which access keys are in use is on record
-- why: What is not used can go; what is used from everywhere should not be a key.
-- do: Delete keys that nobody needs; give programs roles.
-- severity: low
-- expect: rows for review
SELECT userIdentity.accessKeyId AS access_key, max(userIdentity.userName) AS who, count(*) AS calls, count(DISTINCT sourceIPAddress) AS addresses,
       min(eventTime) AS first, max(eventTime) AS last, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to AND userIdentity.type = 'IAMUser' AND userIdentity.accessKeyId LIKE 'AKIA%'
GROUP BY 1
ORDER BY 1
