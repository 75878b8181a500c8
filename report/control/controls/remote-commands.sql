-- Commands sent to machines are looked at
-- why: They run as root, and leave little behind on the machine.
-- do: Go through those whom you do not know.
-- severity: medium
-- expect: rows for review
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'documentName'), element_at(requestParameters, 'target'), element_at(requestParameters, 'instanceId'), element_at(requestParameters, 'task')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventSource = 'ssm.amazonaws.com' AND eventName IN ('SendCommand', 'StartSession', 'ResumeSession')
    OR eventSource = 'ec2-instance-connect.amazonaws.com' AND eventName IN ('SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey')
    OR eventSource = 'ecs.amazonaws.com' AND eventName = 'ExecuteCommand')
ORDER BY eventTime, eventID
