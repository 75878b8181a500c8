-- What share of the changes is made in the console?
-- for: audit
-- look for: a share that grows.
SELECT recipientAccountId AS account, count(*) AS changes,
       sum(CASE WHEN sessionCredentialFromConsole = 'true' THEN 1 ELSE 0 END) AS in_console,
       round(100.0 * sum(CASE WHEN sessionCredentialFromConsole = 'true' THEN 1 ELSE 0 END) / count(*), 1) AS percent
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND readOnly = false AND managementEvent = true
GROUP BY 1
ORDER BY 1
