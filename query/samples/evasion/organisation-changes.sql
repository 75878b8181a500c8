-- Who changed the organization, its accounts or what they may do?
-- for: security, audit
-- look for: accounts that try to leave, and service control policies that are
-- taken away.
SELECT eventTime, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'policyId') AS policy,
       element_at(requestParameters, 'targetId') AS target, sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'organizations.amazonaws.com' AND readOnly = false
ORDER BY eventTime, eventID
