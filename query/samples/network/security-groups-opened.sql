-- Which security groups were opened to the whole internet?
-- for: security, audit
-- look for: ports for people (22, 3389), databases, and rules that were not
-- taken back.
SELECT eventTime, userIdentity.arn AS who, awsRegion AS region, element_at(requestParameters, 'groupId') AS group_id,
       array_join(array_distinct(regexp_extract_all(element_at(requestParameters, 'ipPermissions'), '"fromPort": ?([0-9]+)', 1)), ' ') AS from_ports,
       sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'AuthorizeSecurityGroupIngress'
  AND regexp_like(element_at(requestParameters, 'ipPermissions'), '0\.0\.0\.0/0|::/0')
ORDER BY eventTime, eventID
