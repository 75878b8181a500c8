package eventgen

var logsAPIs = []api{
	{name: "CreateLogStream", by: app, weight: 120, request: `{"logGroupName":"/aws/lambda/<function>","logStreamName":"<date>/[$LATEST]<hex32>"}`, fails: failure{4, "ResourceAlreadyExistsException", "The specified log stream already exists"}},
	{name: "CreateLogGroup", by: app | deploy, weight: 8, request: `{"logGroupName":"/aws/lambda/<function>"}`, fails: failure{70, "ResourceAlreadyExistsException", "The specified log group already exists"}},
	{name: "DescribeLogGroups", by: anyone | linked, weight: 30, request: `{"logGroupNamePrefix":"/aws/lambda/<app>","limit":50}`},
	{name: "DescribeLogStreams", by: staff | app, weight: 22, request: `{"logGroupName":"/aws/lambda/<function>","orderBy":"LastEventTime","descending":true,"limit":50}`},
	{name: "FilterLogEvents", by: staff, weight: 14, request: `{"logGroupName":"/aws/lambda/<function>","startTime":<ms>,"interleaved":true,"limit":100,"filterPattern":"ERROR"}`},
	{name: "StartQuery", by: staff | app, weight: 12, request: `{"logGroupNames":["/aws/lambda/<function>","/ecs/<app>"],"startTime":<sec>,"endTime":<sec>,"queryString":"fields @timestamp, @message | filter @message like /ERROR/ | sort @timestamp desc | limit 200"}`, response: `{"queryId":"<uuid>"}`},
	{name: "GetQueryResults", by: staff | app, weight: 30, request: `{"queryId":"<uuid>"}`},
	{name: "ListTagsForResource", by: linked | deploy, weight: 16, request: `{"resourceArn":"arn:aws:logs:<region>:<account>:log-group:/aws/lambda/<function>"}`},
	{name: "PutRetentionPolicy", by: deploy | app, weight: 4, request: `{"logGroupName":"/aws/lambda/<function>","retentionInDays":30}`},
}

var cloudwatchAPIs = []api{
	{name: "DescribeAlarms", by: anyone | linked | app, weight: 34, request: `{"alarmNames":["<alarm>"],"maxRecords":100}`},
	{name: "GetMetricData", by: staff | app | linked, weight: 20, data: true, request: `{"startTime":"<when>","endTime":"<later>","metricDataQueries":[{"id":"m<n1>","returnData":true}]}`},
	{name: "ListMetrics", by: console | linked, weight: 12, request: `{"namespace":"AWS/Lambda","recentlyActive":"PT3H"}`},
	{name: "ListDashboards", by: console, weight: 6},
	{name: "GetDashboard", by: console, weight: 8, request: `{"dashboardName":"<app>"}`},
	{name: "PutMetricAlarm", by: deploy | linked, weight: 8, request: `{"alarmName":"<alarm>","metricName":"Errors","namespace":"AWS/Lambda","statistic":"Sum","dimensions":[{"name":"FunctionName","value":"<function>"}],"period":300,"evaluationPeriods":2,"threshold":<n2>.0,"comparisonOperator":"GreaterThanThreshold","treatMissingData":"notBreaching","actionsEnabled":true,"alarmActions":["arn:aws:sns:<region>:<account>:<topic>"]}`},
	{name: "ListTagsForResource", by: linked | deploy, weight: 10, request: `{"resourceARN":"arn:aws:cloudwatch:<region>:<account>:alarm:<alarm>"}`},
}

var ssmAPIs = []api{
	{name: "UpdateInstanceInformation", by: app, weight: 90, request: `{"instanceId":"<instance>","agentVersion":"3.3.1957.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"<ip10>","computerName":"ip-10-20-<n2>-<n2>.<region>.compute.internal","agentName":"amazon-ssm-agent","availabilityZone":"<az>","availabilityZoneId":"az<n1>","sSMConnectionChannel":"ssmmessages"}`},
	{name: "GetParameter", by: app | tool, weight: 46, request: `{"name":"<param>","withDecryption":true}`, resources: `[{"accountId":"<account>","ARN":"arn:aws:ssm:<region>:<account>:parameter<param>"}]`, fails: failure{3, "ParameterNotFound", "Parameter <param> not found."}},
	{name: "GetParameters", by: app | deploy, weight: 26, request: `{"names":["<param>","<param+>","<param+>"],"withDecryption":true}`, resources: `[{"accountId":"<account>","ARN":"arn:aws:ssm:<region>:<account>:parameter<param>"}]`},
	{name: "GetParametersByPath", by: app, weight: 20, request: `{"path":"/<env>/<app>","recursive":true,"withDecryption":true,"maxResults":10}`},
	{name: "ListInstanceAssociations", by: app, weight: 30, request: `{"instanceId":"<instance>","maxResults":20}`},
	{name: "DescribeInstanceInformation", by: staff | linked, weight: 16, request: `{"maxResults":50,"filters":[{"key":"InstanceIds","values":["<instance>"]}]}`},
	{name: "DescribeParameters", by: staff | deploy, weight: 12, request: `{"maxResults":50,"parameterFilters":[{"key":"Name","option":"Equals","values":["<param>"]}]}`},
	{name: "ListTagsForResource", by: deploy | linked, weight: 14, request: `{"resourceType":"Parameter","resourceId":"<param>"}`},
	{name: "PutInventory", by: app, weight: 12, request: `{"instanceId":"<instance>","items":[{"typeName":"AWS:Application","schemaVersion":"1.1","captureTime":"<iso>","contentHash":"<hex32>"}]}`, response: `{"message":"Inventory was successfully updated"}`},
	{name: "StartSession", by: tool | console, weight: 6, request: `{"target":"<instance>","documentName":"AWS-StartInteractiveCommand"}`, response: `{"sessionId":"<me>-<serial>","tokenValue":"Value hidden due to security reasons.","streamUrl":"wss://ssmmessages.<region>.amazonaws.com/v1/data-channel/<me>-<serial>?role=publish_subscribe"}`, fails: failure{8, "TargetNotConnected", "<instance> is not connected."}},
	{name: "TerminateSession", by: tool | console, weight: 4, request: `{"sessionId":"<me>-<serial>"}`, response: `{"sessionId":"<me>-<serial>"}`},
	{name: "SendCommand", by: deploy | tool, weight: 3, request: `{"instanceIds":["<instance>"],"documentName":"AWS-RunShellScript","parameters":"HIDDEN_DUE_TO_SECURITY_REASONS","interactive":false}`, response: `{"command":{"commandId":"<uuid>","documentName":"AWS-RunShellScript","documentVersion":"$DEFAULT","comment":"","expiresAfter":"<later>","parameters":"HIDDEN_DUE_TO_SECURITY_REASONS","instanceIds":["<instance>"],"targets":[],"requestedDateTime":"<when>","status":"Pending","statusDetails":"Pending","outputS3Region":"<region>","outputS3BucketName":"","outputS3KeyPrefix":"","maxConcurrency":"50","maxErrors":"0","targetCount":1,"completedCount":0,"errorCount":0,"deliveryTimedOutCount":0,"serviceRole":"","notificationConfig":{"notificationArn":"","notificationEvents":[],"notificationType":""},"cloudWatchOutputConfig":{"cloudWatchLogGroupName":"","cloudWatchOutputEnabled":false},"interactive":false,"timeoutSeconds":3600}}`},
	{name: "PutParameter", by: deploy, weight: 3, request: `{"name":"<param>","value":"HIDDEN_DUE_TO_SECURITY_REASONS","type":"SecureString","keyId":"alias/aws/ssm","overwrite":true}`, response: `{"version":<n2>,"tier":"Standard"}`},
}

var secretsAPIs = []api{
	{name: "GetSecretValue", by: app, weight: 60, request: `{"secretId":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>"}`},
	{name: "DescribeSecret", by: anyone | linked | app, weight: 20, request: `{"secretId":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>"}`},
	{name: "ListSecrets", by: staff | linked, weight: 12, request: `{"maxResults":100,"includePlannedDeletion":false}`},
	{name: "GetResourcePolicy", by: deploy | linked, weight: 12, request: `{"secretId":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>"}`},
	{name: "PutSecretValue", by: app, weight: 2, request: `{"secretId":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>","versionStages":["AWSPENDING"],"clientRequestToken":"<uuid>"}`, response: `{"arn":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>"}`},
	{name: "UpdateSecretVersionStage", by: app, weight: 1, request: `{"secretId":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>","versionStage":"AWSCURRENT","moveToVersionId":"<uuid>","removeFromVersionId":"<uuid>"}`, response: `{"arn":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>"}`},
	{name: "RotationStarted", by: aws, weight: 2, event: true, invokers: "secretsmanager", extra: `{"SecretId":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>"}`},
	{name: "RotationSucceeded", by: aws, weight: 2, event: true, invokers: "secretsmanager", extra: `{"SecretId":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>"}`},
}

var cloudformationAPIs = []api{
	{name: "DescribeStacks", by: anyone | linked, weight: 34, request: `{"stackName":"<stack>"}`, fails: failure{5, "ValidationException", "Stack with id <stack> does not exist"}},
	{name: "DescribeStackEvents", by: deploy | console, weight: 26, request: `{"stackName":"arn:aws:cloudformation:<region>:<account>:stack/<stack>/<uuid>"}`},
	{name: "ListStacks", by: console | linked, weight: 12, request: `{"stackStatusFilter":["CREATE_COMPLETE","UPDATE_COMPLETE","UPDATE_ROLLBACK_COMPLETE","IMPORT_COMPLETE"]}`},
	{name: "DescribeStackResources", by: console | deploy, weight: 10, request: `{"stackName":"<stack>"}`},
	{name: "GetTemplate", by: deploy | linked, weight: 10, request: `{"stackName":"<stack>","templateStage":"Processed"}`},
	{name: "CreateChangeSet", by: deploy, weight: 4, request: `{"stackName":"<stack>","changeSetName":"cdk-deploy-<serial>","changeSetType":"UPDATE","capabilities":["CAPABILITY_IAM","CAPABILITY_NAMED_IAM","CAPABILITY_AUTO_EXPAND"],"templateURL":"https://cdk-fjord-assets-<account>-<region>.s3.<region>.amazonaws.com/<hex64>.json","parameters":[{"parameterKey":"BootstrapVersion","usePreviousValue":true}],"tags":[{"key":"team","value":"<app>"}],"clientToken":"<uuid>"}`, response: `{"id":"arn:aws:cloudformation:<region>:<account>:changeSet/cdk-deploy-<serial>/<uid>","stackId":"arn:aws:cloudformation:<region>:<account>:stack/<stack>/<uuid>"}`},
	{name: "ExecuteChangeSet", by: deploy, weight: 3, request: `{"stackName":"<stack>","changeSetName":"cdk-deploy-<serial>","clientRequestToken":"<uuid>"}`},
}

// ownTrail is how CloudTrail describes a trail in its answers.
const ownTrail = `{"name":"<trail>","s3BucketName":"fjordbyte-audit-logs","includeGlobalServiceEvents":true,"isMultiRegionTrail":true,"trailARN":"arn:aws:cloudtrail:<region>:<account>:trail/<trail>","logFileValidationEnabled":true,"isOrganizationTrail":false}`

var cloudtrailAPIs = []api{
	{name: "LookupEvents", by: staff, weight: 10, request: `{"maxResults":50,"lookupAttributes":[{"attributeKey":"ReadOnly","attributeValue":"false"}]}`},
	{name: "DescribeTrails", by: staff | linked | deploy, weight: 14, request: `{"trailNameList":[],"includeShadowTrails":true}`},
	{name: "GetTrailStatus", by: staff | linked | deploy, weight: 14, request: `{"name":"arn:aws:cloudtrail:<region>:<account>:trail/<trail>"}`},
	{name: "GetEventSelectors", by: linked | deploy, weight: 12, request: `{"trailName":"arn:aws:cloudtrail:<region>:<account>:trail/<trail>"}`},
	{name: "ListTags", by: linked | deploy, weight: 6, request: `{"resourceIdList":["arn:aws:cloudtrail:<region>:<account>:trail/<trail>"]}`},
	{name: "StopLogging"}, {name: "StartLogging"}, {name: "DeleteTrail"},
	{name: "UpdateTrail", by: deploy, weight: 1, request: `{"name":"<trail>","enableLogFileValidation":true}`, response: ownTrail},
}

var configAPIs = []api{
	{name: "DescribeConfigurationRecorders", by: staff | linked, weight: 10},
	{name: "DescribeConfigurationRecorderStatus", by: linked, weight: 10},
	{name: "PutEvaluations", by: app, weight: 14, request: `{"evaluations":[{"complianceResourceType":"AWS::EC2::SecurityGroup","complianceResourceId":"<sg>","complianceType":"COMPLIANT","orderingTimestamp":"<when>"}],"resultToken":"***","testMode":false}`, response: `{"failedEvaluations":[]}`},
	{name: "DescribeConfigRules", by: linked | console, weight: 10, request: `{"configRuleNames":["restricted-ssh"]}`},
	{name: "GetResourceConfigHistory", by: console, weight: 4, request: `{"resourceType":"AWS::EC2::Instance","resourceId":"<instance>","limit":10}`},
}

var eventsAPIs = []api{
	{name: "ListRules", by: console | linked | deploy, weight: 8, request: `{"limit":100}`},
	{name: "ListTargetsByRule", by: deploy | linked, weight: 10, request: `{"rule":"<rule>"}`},
	{name: "DescribeRule", by: deploy, weight: 10, request: `{"name":"<rule>"}`},
	{name: "PutRule", by: deploy | linked, weight: 4, request: `{"name":"<rule>","scheduleExpression":"rate(<n1> minutes)","state":"ENABLED"}`, response: `{"ruleArn":"arn:aws:events:<region>:<account>:rule/<rule>"}`},
	{name: "PutTargets", by: deploy | linked, weight: 4, request: `{"rule":"<rule>","targets":[{"id":"<app>","arn":"arn:aws:lambda:<region>:<account>:function:<function>"}]}`, response: `{"failedEntryCount":0,"failedEntries":[]}`},
}

var statesAPIs = []api{
	{name: "StartExecution", by: app | aws, weight: 22, invokers: "events", request: `{"stateMachineArn":"arn:aws:states:<region>:<account>:stateMachine:<machine>","name":"<uid>","input":"HIDDEN_DUE_TO_SECURITY_REASONS"}`, response: `{"executionArn":"arn:aws:states:<region>:<account>:execution:<machine>:<uid>","startDate":"<when>"}`},
	{name: "DescribeExecution", by: app | console, weight: 12, request: `{"executionArn":"arn:aws:states:<region>:<account>:execution:<machine>:<uuid>"}`},
	{name: "ListStateMachines", by: console | linked, weight: 4, request: `{"maxResults":1000}`},
}

var guarddutyAPIs = []api{
	{name: "ListDetectors", by: staff | linked, weight: 8},
	{name: "ListFindings", by: console | linked | app, weight: 12, request: `{"detectorId":"<detector>","maxResults":50,"findingCriteria":{"criterion":{"service.archived":{"eq":["false"]},"resource.resourceType":{"eq":["Instance","AccessKey"]}}},"sortCriteria":{"attributeName":"updatedAt","orderBy":"DESC"}}`},
	{name: "GetFindings", by: console | linked | app, weight: 8, request: `{"detectorId":"<detector>","findingIds":["<hex32>","<hex32>"]}`},
}

var securityhubAPIs = []api{
	{name: "GetFindings", by: console | app, weight: 10, request: `{"filters":{"recordState":[{"value":"ACTIVE","comparison":"EQUALS"}],"severityLabel":[{"value":"CRITICAL","comparison":"EQUALS"}]},"maxResults":100}`},
	{name: "BatchImportFindings", by: linked, weight: 20, request: `{"findings":[]}`, response: `{"failedCount":0,"successCount":<n2>,"failedFindings":[]}`},
	{name: "DescribeHub", by: console | linked, weight: 3},
}

var route53APIs = []api{
	{name: "ListHostedZones", by: anyone | linked, weight: 14, request: `{"maxItems":100}`},
	{name: "ListResourceRecordSets", by: deploy | app | console, weight: 20, request: `{"hostedZoneId":"<zone>","maxItems":300}`},
	{name: "GetChange", by: deploy, weight: 10, request: `{"id":"C0<n16>FJ"}`},
	{name: "ChangeResourceRecordSets", by: deploy | app, weight: 6, request: `{"hostedZoneId":"<zone>","changeBatch":{"comment":"","changes":[{"action":"UPSERT","resourceRecordSet":{"name":"<app>.<env>.fjordbyte.example","type":"A","tTL":60,"resourceRecords":[{"value":"<ip10>"}]}}]}}`, response: `{"changeInfo":{"id":"/change/C0<n16>FJ","status":"PENDING","submittedAt":"<when>"}}`},
}

var cloudfrontAPIs = []api{
	{name: "GetDistribution", by: deploy | console, weight: 12, request: `{"id":"<dist>"}`},
	{name: "ListDistributions", by: console | linked, weight: 8, request: `{"maxItems":"100"}`},
	{name: "CreateInvalidation", by: deploy, weight: 8, request: `{"distributionId":"<dist>","invalidationBatch":{"paths":{"quantity":1,"items":["/*"]},"callerReference":"<serial>"}}`, response: `{"location":"https://cloudfront.amazonaws.com/2020-05-31/distribution/<dist>/invalidation/IFJORD<serial>","invalidation":{"id":"IFJORD<serial>","status":"InProgress","createTime":"<when>","invalidationBatch":{"paths":{"quantity":1,"items":["/*"]},"callerReference":"<serial>"}}}`},
}

var taggingAPIs = []api{
	{name: "GetResources", by: linked | app | console, weight: 26, request: `{"resourcesPerPage":100,"resourceTypeFilters":["lambda:function","ec2:instance"],"tagFilters":[{"key":"team","values":["<app>"]}]}`},
	{name: "GetTagKeys", by: console, weight: 3},
}

var healthAPIs = []api{
	{name: "DescribeEventAggregates", by: console | root, weight: 40, request: `{"filter":{"startTimes":[{"from":"<when>"}],"eventStatusCodes":["open","upcoming"]},"aggregateField":"eventTypeCategory"}`},
	{name: "DescribeEvents", by: linked | app, weight: 5, request: `{"filter":{"eventStatusCodes":["open"]},"maxResults":100}`},
}

var acmAPIs = []api{
	{name: "DescribeCertificate", by: deploy | linked | console, weight: 10, request: `{"certificateArn":"arn:aws:acm:<region>:<account>:certificate/<cert>"}`},
	{name: "ListCertificates", by: console | linked | deploy, weight: 8, request: `{"certificateStatuses":["ISSUED"],"maxItems":1000}`},
}

var backupAPIs = []api{
	{name: "ListRecoveryPointsByBackupVault", by: linked | console, weight: 6, request: `{"backupVaultName":"<vault>","maxResults":1000}`},
	{name: "StartBackupJob", by: linked, weight: 4, request: `{"backupVaultName":"<vault>","resourceArn":"arn:aws:dynamodb:<region>:<account>:table/<table>","iamRoleArn":"arn:aws:iam::<account>:role/<role>"}`, response: `{"backupJobId":"<UUID>","creationDate":"<when>","isParent":false}`},
	{name: "BackupJobCompleted", by: aws, weight: 3, event: true, invokers: "backup", details: `{"completionDate":{"seconds":<sec>,"nanos":<n9>},"state":"COMPLETED","percentDone":100,"backupJobId":"<UUID>","backupVaultName":"<vault>","resourceType":"DynamoDB"}`},
}

var codebuildAPIs = []api{
	{name: "BatchGetBuilds", by: deploy | console, weight: 22, request: `{"ids":["<project>:<uid>"]}`},
	{name: "StartBuild", by: deploy | aws, weight: 4, invokers: "codepipeline events", request: `{"projectName":"<project>","sourceVersion":"refs/heads/main"}`, response: `{"build":{"id":"<project>:<uid>","arn":"arn:aws:codebuild:<region>:<account>:build/<project>:<uid>","buildNumber":<n4>,"startTime":"<when>","currentPhase":"QUEUED","buildStatus":"IN_PROGRESS","sourceVersion":"refs/heads/main","projectName":"<project>","timeoutInMinutes":60,"queuedTimeoutInMinutes":480,"buildComplete":false,"initiator":"<me>"}}`},
}
