-- Which accounts act in which others?
-- for: audit, security
-- look for: accounts that are not in your organization.
SELECT userIdentity.accountId AS from_account, recipientAccountId AS to_account, eventSource AS service, eventName AS action,
       count(*) AS calls, count(errorCode) AS failed, min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.accountId <> recipientAccountId
GROUP BY 1, 2, 3, 4
ORDER BY from_account, to_account, first, action, service
