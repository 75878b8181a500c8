-- What happened to access keys: made, switched off, removed?
-- for: audit
-- look for: keys that were made and never removed, and keys removed soon after.
SELECT eventTime, eventName AS action, userIdentity.arn AS who, element_at(requestParameters, 'userName') AS of_whom,
       coalesce(element_at(requestParameters, 'accessKeyId'), json_extract_scalar(element_at(responseElements, 'accessKey'), '$.accessKeyId')) AS key_id,
       element_at(requestParameters, 'status') AS status, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey')
ORDER BY eventTime, eventID
