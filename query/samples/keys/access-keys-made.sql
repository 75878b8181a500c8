-- Who made an access key, and for whom?
-- for: security, audit
-- look for: keys that somebody made for somebody else.
SELECT eventTime, userIdentity.arn AS who, element_at(requestParameters, 'userName') AS for_whom,
       json_extract_scalar(element_at(responseElements, 'accessKey'), '$.accessKeyId') AS key_id,
       element_at(requestParameters, 'userName') IS DISTINCT FROM userIdentity.userName AS for_another,
       sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'CreateAccessKey'
ORDER BY eventTime, eventID
