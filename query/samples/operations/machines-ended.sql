-- Who ended which machines?
-- for: operations
-- look for: people; a group of machines that grows and shrinks ends its own.
SELECT eventTime, userIdentity.arn AS who, awsRegion AS region,
       array_join(array_sort(array_distinct(regexp_extract_all(element_at(requestParameters, 'instancesSet'), 'i-[0-9a-f]+'))), ' ') AS machines, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'TerminateInstances' AND userIdentity.invokedBy IS NULL
ORDER BY eventTime, eventID
