-- Who switched off encryption, or made a database public?
-- for: security, audit
-- look for: any row.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, awsRegion AS region,
       coalesce(element_at(requestParameters, 'bucketName'), element_at(requestParameters, 'dBInstanceIdentifier')) AS what,
       element_at(requestParameters, 'publiclyAccessible') AS public, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventName IN ('DeleteBucketEncryption', 'DisableEbsEncryptionByDefault')
    OR eventName IN ('ModifyDBInstance', 'CreateDBInstance') AND element_at(requestParameters, 'publiclyAccessible') = 'true')
ORDER BY eventTime, eventID
