-- Nobody works alone in a region
-- why: Who has to hide goes where nobody else is.
-- do: End what runs there; turn off regions that you do not use.
-- severity: high
-- expect: no rows
SELECT awsRegion AS region, recipientAccountId AS account, max(userIdentity.arn) AS who, count(*) AS changes, min(eventTime) AS first, min(eventID) AS eventID
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND readOnly = false AND eventSource IN ('ec2.amazonaws.com', 'lambda.amazonaws.com', 'ecs.amazonaws.com', 'sagemaker.amazonaws.com', 'eks.amazonaws.com')
  AND eventName IN ('RunInstances', 'RequestSpotInstances', 'CreateKeyPair', 'ImportKeyPair', 'CreateFunction20150331', 'CreateCluster', 'CreateNotebookInstance')
  AND awsRegion NOT IN (SELECT awsRegion FROM $store WHERE eventTime >= $from AND eventTime < $to AND userIdentity.type = 'AssumedRole' AND readOnly = false AND awsRegion IS NOT NULL)
GROUP BY 1, 2
ORDER BY 1, 2
