-- Which users use several access keys?
-- for: security, audit
-- look for: two keys in the same days: one of them may be somebody else's.
SELECT userIdentity.userName AS user_name, recipientAccountId AS account, count(DISTINCT userIdentity.accessKeyId) AS access_keys,
       count(DISTINCT sourceIPAddress) AS addresses,
       array_join(array_sort(array_agg(DISTINCT userIdentity.accessKeyId)), ' ') AS key_ids
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.type = 'IAMUser' AND userIdentity.accessKeyId LIKE 'AKIA%'
GROUP BY 1, 2
HAVING count(DISTINCT userIdentity.accessKeyId) > 1
ORDER BY access_keys DESC, user_name, account
