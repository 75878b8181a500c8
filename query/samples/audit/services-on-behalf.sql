-- Which AWS services act in the accounts, and in whose name?
-- for: audit
-- look for: services that nobody has switched on.
SELECT coalesce(userIdentity.invokedBy, sourceIPAddress) AS service, userIdentity.type AS in_the_name_of, count(*) AS calls,
       count(DISTINCT eventName) AS different_actions, count(DISTINCT recipientAccountId) AS accounts
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.invokedBy IS NOT NULL
GROUP BY 1, 2
ORDER BY calls DESC, service, in_the_name_of
LIMIT 40
