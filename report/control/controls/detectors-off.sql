-- Detectors stay on
-- why: GuardDuty, Security Hub, Macie, Inspector and Access Analyzer see what nobody looks for.
-- do: Turn it on again; look at what the caller did before.
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, eventSource AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventSource = 'guardduty.amazonaws.com' AND (eventName IN ('DeleteDetector', 'DisassociateFromMasterAccount', 'DisassociateFromAdministratorAccount', 'StopMonitoringMembers', 'DeleteMembers', 'DisassociateMembers', 'DisableOrganizationAdminAccount', 'DeletePublishingDestination')
      OR eventName = 'UpdateDetector' AND element_at(requestParameters, 'enable') = 'false')
    OR eventSource = 'securityhub.amazonaws.com' AND eventName IN ('DisableSecurityHub', 'BatchDisableStandards', 'DisassociateFromAdministratorAccount')
    OR eventSource = 'macie2.amazonaws.com' AND (eventName = 'DisableMacie' OR eventName = 'UpdateMacieSession' AND element_at(requestParameters, 'status') = 'PAUSED')
    OR eventSource = 'inspector2.amazonaws.com' AND eventName = 'Disable'
    OR eventSource = 'access-analyzer.amazonaws.com' AND eventName = 'DeleteAnalyzer')
  AND errorCode IS NULL
ORDER BY eventTime, eventID
