-- When was each user last at work?
-- for: audit
-- look for: people who left and users that are not needed any more.
SELECT userIdentity.userName AS user_name, recipientAccountId AS account, min(eventTime) AS first, max(eventTime) AS last,
       count(DISTINCT date(eventTime)) AS days, count(*) AS calls
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.type = 'IAMUser' AND userIdentity.arn IS NOT NULL
GROUP BY 1, 2
ORDER BY last, user_name, account
