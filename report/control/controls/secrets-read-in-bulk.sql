-- Nobody reads one secret after another
-- why: Programs read theirs; who reads many is collecting.
-- do: Change the secrets that were read; follow the caller.
-- severity: high
-- expect: no rows
-- param most number = 5: from how many readings of several secrets within an hour on it is a finding
SELECT date_trunc('hour', eventTime) AS hour, coalesce(userIdentity.arn, userIdentity.principalId) AS who, sourceIPAddress AS address,
       count(*) AS times, count(DISTINCT element_at(requestParameters, 'secretId')) AS secrets, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventSource = 'secretsmanager.amazonaws.com' AND eventName IN ('GetSecretValue', 'BatchGetSecretValue') AND errorCode IS NULL AND userIdentity.invokedBy IS NULL
GROUP BY 1, 2, 3
HAVING (count(DISTINCT element_at(requestParameters, 'secretId')) >= 2 AND count(*) >= $most) OR count_if(element_at(requestParameters, 'filters') IS NOT NULL) > 0
ORDER BY 1, 2, 3
