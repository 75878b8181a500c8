-- How often is what deployed, and by whom?
-- for: operations
-- look for: deployments at night or by hand.
SELECT date(eventTime) AS on_day, coalesce(userIdentity.sessionContext.sessionIssuer.userName, userIdentity.userName) AS who,
       eventSource AS service,
       count(*) AS deployments, count(errorCode) AS failed
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('UpdateFunctionCode20150331v2', 'PublishVersion20150331', 'UpdateService', 'CreateDeployment', 'ExecuteChangeSet',
                    'CreateStack', 'UpdateStack', 'DeleteStack', 'UpdateNodegroupVersion', 'CreateInvalidation')
GROUP BY 1, 2, 3
ORDER BY on_day, who, service
