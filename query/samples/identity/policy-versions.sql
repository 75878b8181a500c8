-- Which version of a policy was made the one that counts?
-- for: security, audit
-- look for: an old version made the default again: it may allow what was taken
-- out since.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'policyArn') AS policy,
       element_at(requestParameters, 'versionId') AS version, sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventName = 'SetDefaultPolicyVersion'
    OR eventName = 'CreatePolicyVersion' AND element_at(requestParameters, 'setAsDefault') = 'true')
ORDER BY eventTime, eventID
