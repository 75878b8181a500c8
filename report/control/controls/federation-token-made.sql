-- No sessions are made that outlive their key
-- why: A federation token goes on when the key it was made with is gone.
-- do: Find the session's calls by its name; deny federated sessions by policy until it ends.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, element_at(requestParameters, 'name') AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'sts.amazonaws.com' AND eventName = 'GetFederationToken'
  AND errorCode IS NULL
ORDER BY eventTime, eventID
