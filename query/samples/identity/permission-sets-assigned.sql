-- Who was given access through IAM Identity Center?
-- for: audit
-- look for: assignments outside of the process by which people ask for them.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'principalId') AS to_whom,
       element_at(requestParameters, 'targetId') AS account, element_at(requestParameters, 'permissionSetArn') AS permission_set,
       errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'sso.amazonaws.com'
  AND eventName IN ('CreateAccountAssignment', 'DeleteAccountAssignment', 'ProvisionPermissionSet', 'PutInlinePolicyToPermissionSet', 'AttachManagedPolicyToPermissionSet')
ORDER BY eventTime, eventID
