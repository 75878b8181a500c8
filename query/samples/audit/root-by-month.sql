-- How often was the root user at work, month by month?
-- for: audit
-- look for: more than the few days on which somebody can say why.
SELECT date_trunc('month', eventTime) AS in_month, recipientAccountId AS account, count(*) AS calls,
       sum(CASE WHEN readOnly THEN 0 ELSE 1 END) AS changes, count(DISTINCT date(eventTime)) AS days
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.type = 'Root' AND userIdentity.invokedBy IS NULL
GROUP BY 1, 2
ORDER BY 1, 2
