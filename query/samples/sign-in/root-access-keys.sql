-- Were access keys made, changed or used for the root user?
-- for: security, audit
-- look for: any row: a root key can do everything, and no policy holds it back.
SELECT eventTime, recipientAccountId AS account, eventName AS action, sourceIPAddress AS address,
       coalesce(json_extract_scalar(element_at(responseElements, 'accessKey'), '$.accessKeyId'),
                element_at(requestParameters, 'accessKeyId'), userIdentity.accessKeyId) AS key_id
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND userIdentity.type = 'Root'
  AND (eventName IN ('CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey') OR userIdentity.accessKeyId LIKE 'AKIA%')
ORDER BY eventTime, eventID
