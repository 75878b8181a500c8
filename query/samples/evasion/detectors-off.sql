-- Who switched off GuardDuty, Security Hub, Macie, Inspector or Access Analyzer?
-- for: security
-- look for: "enable" false, and findings that are archived by a filter.
SELECT eventTime, userIdentity.arn AS who, eventSource AS service, eventName AS action,
       element_at(requestParameters, 'enable') AS enable, sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('UpdateDetector', 'DeleteDetector', 'StopMonitoringMembers', 'DisassociateMembers', 'DisassociateFromAdministratorAccount',
                    'CreateFilter', 'CreateIPSet', 'DisableSecurityHub', 'BatchDisableStandards', 'DisableMacie', 'Disable',
       'DeleteAnalyzer')
  AND eventSource IN ('guardduty.amazonaws.com', 'securityhub.amazonaws.com', 'macie2.amazonaws.com',
                      'inspector2.amazonaws.com', 'access-analyzer.amazonaws.com')
ORDER BY eventTime, eventID
