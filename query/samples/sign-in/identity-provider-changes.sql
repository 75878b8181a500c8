-- Who changed through whom people and programs may sign in?
-- for: security, audit
-- look for: providers nobody knows: whoever runs one can be anybody whom a role
-- trusts it to name.
SELECT eventTime, userIdentity.arn AS who, eventName AS action,
       coalesce(element_at(requestParameters, 'url'), element_at(requestParameters, 'name'),
                element_at(requestParameters, 'openIDConnectProviderArn'),
       element_at(requestParameters, 'sAMLProviderArn')) AS provider,
       sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('CreateSAMLProvider', 'UpdateSAMLProvider', 'DeleteSAMLProvider', 'CreateOpenIDConnectProvider',
                    'UpdateOpenIDConnectProviderThumbprint', 'AddClientIDToOpenIDConnectProvider', 'DeleteOpenIDConnectProvider',
                    'CreateTrustAnchor', 'UpdateTrustAnchor', 'DeleteTrustAnchor')
ORDER BY eventTime, eventID
