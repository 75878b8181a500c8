-- No event is there twice with different bytes
-- why: CloudTrail writes an event once. Another with its id was changed, or made up.
-- do: Compare both (tarn prove --conflicts); find out which file had it.
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, eventName AS action, recipientAccountId AS account, awsRegion AS region
FROM $store.conflicts
WHERE eventTime >= $from AND eventTime < $to
ORDER BY eventTime, eventID
