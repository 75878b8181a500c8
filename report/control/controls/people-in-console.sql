-- Who signed in to the console is on record
-- why: Reviews of access begin with who comes at all.
-- do: Take access from those who do not come any more.
-- severity: low
-- expect: rows for review
SELECT coalesce(userIdentity.userName, userIdentity.arn, userIdentity.principalId) AS who, count_if(element_at(responseElements, 'ConsoleLogin') = 'Success') AS signed_in,
       count_if(element_at(responseElements, 'ConsoleLogin') = 'Failure') AS failed, min(eventTime) AS first, max(eventTime) AS last, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to AND eventName = 'ConsoleLogin'
GROUP BY 1
ORDER BY 1
