-- Nobody speaks old TLS
-- why: Versions before 1.2 can be listened to.
-- do: Update the client that the row names.
-- severity: low
-- expect: no rows
SELECT tlsDetails.tlsVersion AS version, userAgent, coalesce(userIdentity.arn, userIdentity.principalId) AS who, count(*) AS calls, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to AND tlsDetails.tlsVersion IN ('TLSv1', 'TLSv1.0', 'TLSv1.1', 'SSLv3')
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
