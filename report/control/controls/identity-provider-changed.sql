-- Identity providers stay as they are
-- why: Who may vouch for users may be any of them.
-- do: Ask who changed it; compare the provider's certificate and address with yours.
-- severity: high
-- expect: each row acknowledged
SELECT eventTime, eventID, userIdentity.arn AS who, eventName AS action, coalesce(element_at(requestParameters, 'name'), element_at(requestParameters, 'url'), element_at(requestParameters, 'sAMLProviderArn')) AS what,
       sourceIPAddress AS address, recipientAccountId AS account, awsRegion AS region, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventSource = 'rolesanywhere.amazonaws.com' AND eventName IN ('CreateTrustAnchor', 'UpdateTrustAnchor')
    OR eventSource = 'iam.amazonaws.com' AND eventName IN ('CreateSAMLProvider', 'UpdateSAMLProvider', 'DeleteSAMLProvider', 'CreateOpenIDConnectProvider', 'DeleteOpenIDConnectProvider', 'AddClientIDToOpenIDConnectProvider', 'UpdateOpenIDConnectProviderThumbprint'))
  AND errorCode IS NULL
ORDER BY eventTime, eventID
