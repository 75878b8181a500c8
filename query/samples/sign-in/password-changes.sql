-- Who set whose console password, and who changed the rules for them?
-- for: security, audit
-- look for: passwords set for somebody else, passwords for programs, and no
-- request to change it at the first sign-in.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'userName') AS of_whom,
       element_at(requestParameters, 'passwordResetRequired') AS must_change, sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('CreateLoginProfile', 'UpdateLoginProfile', 'DeleteLoginProfile', 'ChangePassword',
                    'UpdateAccountPasswordPolicy', 'DeleteAccountPasswordPolicy')
ORDER BY eventTime, eventID
