-- Who ran commands on machines and in containers?
-- for: security, audit
-- look for: people on machines of production, and commands by keys that are no
-- person's.
SELECT userIdentity.arn AS who, eventName AS action,
       element_at(requestParameters, 'documentName') AS document, count(*) AS times, count(errorCode) AS failed,
       min(eventTime) AS first, max(eventTime) AS last
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('SendCommand', 'StartSession', 'ResumeSession', 'ExecuteCommand', 'SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey',
                    'EnableSerialConsoleAccess', 'StartAutomationExecution', 'GetPasswordData')
GROUP BY 1, 2, 3
ORDER BY who, first, action, document
