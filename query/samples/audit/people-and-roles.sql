-- Which people work in which account, with which role?
-- for: audit
-- look for: roles that somebody does not need for their work.
SELECT regexp_extract(userIdentity.arn, '[^/]+@[^/]+$') AS person, recipientAccountId AS account,
       userIdentity.sessionContext.sessionIssuer.userName AS role, count(DISTINCT date(eventTime)) AS days, count(*) AS calls,
       sum(CASE WHEN readOnly THEN 0 ELSE 1 END) AS changes, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.type = 'AssumedRole' AND userIdentity.arn LIKE '%@%'
GROUP BY 1, 2, 3
ORDER BY person, account, role
