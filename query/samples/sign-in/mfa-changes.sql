-- Whose second factor was taken away, or replaced?
-- for: security, audit
-- look for: a device taken away from somebody else, or by a session that had
-- none itself.
SELECT eventTime, userIdentity.arn AS who, eventName AS action,
       coalesce(element_at(requestParameters, 'userName'), element_at(requestParameters, 'serialNumber')) AS of_whom,
       userIdentity.sessionContext.attributes.mfaAuthenticated AS with_second_factor, sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('DeactivateMFADevice', 'DeleteVirtualMFADevice', 'EnableMFADevice', 'CreateVirtualMFADevice', 'ResyncMFADevice')
ORDER BY eventTime, eventID
