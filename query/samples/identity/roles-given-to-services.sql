-- Who gave a role to a machine, a function or a task?
-- for: security
-- look for: people who hand on a role that may do more than they may.
SELECT eventTime, coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS who, eventName AS action,
       coalesce(element_at(requestParameters, 'role'), element_at(requestParameters, 'taskRoleArn'), element_at(requestParameters, 'roleArn'),
                json_extract_scalar(element_at(requestParameters, 'iamInstanceProfile'), '$.name')) AS role,
       errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName IN ('CreateFunction20150331', 'UpdateFunctionConfiguration20150331v2', 'RunInstances', 'AssociateIamInstanceProfile',
                    'RegisterTaskDefinition', 'CreateStack', 'CreateJob', 'CreateNotebookInstance', 'CreateTrainingJob')
  AND coalesce(element_at(requestParameters, 'role'), element_at(requestParameters, 'taskRoleArn'), element_at(requestParameters, 'roleArn'),
               json_extract_scalar(element_at(requestParameters, 'iamInstanceProfile'), '$.name')) IS NOT NULL
ORDER BY eventTime, eventID
