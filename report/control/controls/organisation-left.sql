-- No account leaves the organisation
-- why: What holds for all does not hold for one that has left.
-- do: Invite it back; see what was done there since.
-- severity: critical
-- expect: no rows
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'accountId') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'organizations.amazonaws.com' AND eventName IN ('LeaveOrganization', 'RemoveAccountFromOrganization', 'DeleteOrganization')
ORDER BY eventTime, eventID
