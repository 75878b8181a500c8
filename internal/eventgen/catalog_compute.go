package eventgen

// lambdaFunction is how Lambda describes a function in its answers.
const (
	lambdaFunction = `{"functionName":"<function>","functionArn":"arn:aws:lambda:<region>:<account>:function:<function>","runtime":"python3.12","role":"arn:aws:iam::<account>:role/<role>","handler":"<app>.handler","codeSize":<n7>,"description":"","timeout":30,"memorySize":512,"lastModified":"<iso>","codeSha256":"<hex43>=","version":"<n2>","environment":{},"tracingConfig":{"mode":"Active"},"revisionId":"<uuid>","state":"Active","lastUpdateStatus":"InProgress","lastUpdateStatusReason":"The function is being created.","lastUpdateStatusReasonCode":"Creating","packageType":"Zip","architectures":["arm64"],"ephemeralStorage":{"size":512},"snapStart":{"applyOn":"None","optimizationStatus":"Off"},"loggingConfig":{"logFormat":"JSON","logGroup":"/aws/lambda/<function>"}}`
	lambdaResource = `[{"accountId":"<account>","type":"AWS::Lambda::Function","ARN":"arn:aws:lambda:<region>:<account>:function:<function>"}]`
	lambdaName     = `{"functionName":"<function>"}`
)

var lambdaAPIs = []api{
	{name: "Invoke", by: app, weight: 60, data: true, request: `{"functionName":"arn:aws:lambda:<region>:<account>:function:<function>","invocationType":"RequestResponse"}`, resources: lambdaResource, extra: `{"functionVersion":"arn:aws:lambda:<region>:<account>:function:<function>:$LATEST"}`},
	{name: "Invoke", by: aws, weight: 90, data: true, invokers: "events apigateway sns s3 sqs", request: `{"functionName":"arn:aws:lambda:<region>:<account>:function:<function>","sourceArn":"arn:aws:events:<region>:<account>:rule/<rule>","sourceAccount":"<account>","invocationType":"Event"}`, resources: lambdaResource, extra: `{"functionVersion":"arn:aws:lambda:<region>:<account>:function:<function>:$LATEST"}`},
	{name: "GetFunction20150331v2", by: anyone | linked, weight: 22, request: `{"functionName":"arn:aws:lambda:<region>:<account>:function:<function>"}`},
	{name: "GetFunctionConfiguration20150331v2", by: anyone | linked, weight: 18, request: lambdaName},
	{name: "ListFunctions20150331", by: staff | linked, weight: 20, request: `{"maxItems":50,"functionVersion":"ALL"}`},
	{name: "GetPolicy20150331v2", by: staff | linked, weight: 10, request: lambdaName, fails: failure{35, "ResourceNotFoundException", "The resource you requested does not exist."}},
	{name: "ListTags20170331", by: linked | deploy, weight: 10, request: `{"resource":"arn:aws:lambda:<region>:<account>:function:<function>"}`},
	{name: "ListVersionsByFunction20150331", by: deploy, weight: 10, request: `{"functionName":"<function>","maxItems":10000}`},
	{name: "ListEventSourceMappings20150331", by: console | linked, weight: 8, request: `{"functionName":"<function>"}`},
	{name: "GetAccountSettings20160819", by: console, weight: 5},
	{name: "UpdateFunctionCode20150331v2", by: deploy, weight: 8, request: `{"functionName":"<function>","imageUri":"<account>.dkr.ecr.<region>.amazonaws.com/<repo>:main-<hex8>","publish":false,"dryRun":false}`, response: lambdaFunction},
	{name: "UpdateFunctionConfiguration20150331v2", by: deploy | console, weight: 5, request: `{"functionName":"<function>","timeout":30,"memorySize":512,"environment":{}}`, response: lambdaFunction, fails: failure{6, "ResourceConflictException", "The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda:<region>:<account>:function:<function>"}},
	{name: "CreateFunction20150331", by: deploy, weight: 1, request: `{"functionName":"<function>","runtime":"python3.12","role":"arn:aws:iam::<account>:role/<role>","handler":"<app>.handler","code":{"s3Bucket":"<bucket>","s3Key":"lambda/<hex32>.zip"},"timeout":30,"memorySize":512,"publish":false,"packageType":"Zip","architectures":["arm64"],"environment":{},"tags":{"team":"<app>"}}`, response: lambdaFunction, fails: failure{10, "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."}},
	{name: "AddPermission20150331v2", by: deploy, weight: 2, request: `{"functionName":"<function>","statementId":"allow-<rule>","action":"lambda:InvokeFunction","principal":"events.amazonaws.com","sourceArn":"arn:aws:events:<region>:<account>:rule/<rule>"}`, response: `{"statement":"{\"Sid\":\"allow-<rule>\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"events.amazonaws.com\"},\"Action\":\"lambda:InvokeFunction\",\"Resource\":\"arn:aws:lambda:<region>:<account>:function:<function>\"}"}`},
	{name: "PublishVersion20150331", by: deploy, weight: 3, request: lambdaName, response: lambdaFunction},
	{name: "DeleteFunction20150331", by: deploy, weight: 1, request: lambdaName},
}

const ecsTask = `{"taskArn":"arn:aws:ecs:<region>:<account>:task/<ecs>/<task>","clusterArn":"arn:aws:ecs:<region>:<account>:cluster/<ecs>","taskDefinitionArn":"arn:aws:ecs:<region>:<account>:task-definition/<taskdef>","overrides":{"containerOverrides":[{"name":"<app>"}],"inferenceAcceleratorOverrides":[]},"lastStatus":"PROVISIONING","desiredStatus":"RUNNING","cpu":"1024","memory":"2048","containers":[{"containerArn":"arn:aws:ecs:<region>:<account>:container/<ecs>/<task>/<uuid>","taskArn":"arn:aws:ecs:<region>:<account>:task/<ecs>/<task>","name":"<app>","image":"<account>.dkr.ecr.<region>.amazonaws.com/<repo>:main","lastStatus":"PENDING","networkInterfaces":[],"cpu":"1024","memory":"2048"}],"version":1,"createdAt":"<when>","group":"service:<app>","launchType":"FARGATE","platformVersion":"1.4.0","platformFamily":"Linux","attachments":[{"id":"<uuid>","type":"ElasticNetworkInterface","status":"PRECREATED","details":[{"name":"subnetId","value":"<subnet>"}]}],"tags":[],"enableExecuteCommand":false,"availabilityZone":"<az>"}`

var ecsAPIs = []api{
	{name: "DescribeTasks", by: anyone | linked | app, weight: 28, request: `{"cluster":"<ecs>","tasks":["arn:aws:ecs:<region>:<account>:task/<ecs>/<task>","arn:aws:ecs:<region>:<account>:task/<ecs>/<task+>"]}`},
	{name: "DescribeServices", by: anyone, weight: 26, request: `{"cluster":"<ecs>","services":["<app>-<part>"],"include":["TAGS"]}`},
	{name: "ListTasks", by: staff | linked, weight: 14, request: `{"cluster":"<ecs>","serviceName":"<app>-<part>","desiredStatus":"RUNNING"}`},
	{name: "ListClusters", by: console | linked, weight: 8, request: `{"maxResults":100}`},
	{name: "DescribeClusters", by: anyone | linked, weight: 12, request: `{"clusters":["<ecs>"],"include":["SETTINGS","STATISTICS"]}`},
	{name: "DescribeTaskDefinition", by: anyone, weight: 16, request: `{"taskDefinition":"<taskdef>","include":["TAGS"]}`},
	{name: "SubmitTaskStateChange", by: app, weight: 20, request: `{"cluster":"<ecs>","task":"<task>","status":"RUNNING","containers":[{"containerName":"<app>","runtimeId":"<hex64>","status":"RUNNING"}]}`, response: `{"acknowledgment":"ACCEPT"}`},
	{name: "RunTask", by: app | aws | tool, weight: 8, invokers: "events states", request: `{"cluster":"<ecs>","taskDefinition":"<taskdef>","count":1,"launchType":"FARGATE","networkConfiguration":{"awsvpcConfiguration":{"subnets":["<subnet>"],"securityGroups":["<sg>"],"assignPublicIp":"DISABLED"}},"startedBy":"<rule>"}`, response: `{"tasks":[` + ecsTask + `],"failures":[]}`},
	{name: "RegisterTaskDefinition", by: deploy, weight: 5, request: `{"family":"<app>-<part>","taskRoleArn":"arn:aws:iam::<account>:role/<role>","executionRoleArn":"arn:aws:iam::<account>:role/<role+>","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"1024","memory":"2048","containerDefinitions":[{"name":"<app>","image":"<account>.dkr.ecr.<region>.amazonaws.com/<repo>:main-<hex8>","essential":true,"portMappings":[{"containerPort":8080,"protocol":"tcp"}],"environment":[],"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/ecs/<app>","awslogs-region":"<region>","awslogs-stream-prefix":"<app>"}}}]}`, response: `{"taskDefinition":{"taskDefinitionArn":"arn:aws:ecs:<region>:<account>:task-definition/<taskdef>","family":"<app>-<part>","revision":<n3>,"status":"ACTIVE","registeredAt":"<when>","registeredBy":"<arn>"}}`},
	{name: "UpdateService", by: deploy | staff, weight: 5, request: `{"cluster":"<ecs>","service":"<app>-<part>","taskDefinition":"<taskdef>","forceNewDeployment":true}`, response: `{"service":{"serviceArn":"arn:aws:ecs:<region>:<account>:service/<ecs>/<app>-<part>","serviceName":"<app>-<part>","clusterArn":"arn:aws:ecs:<region>:<account>:cluster/<ecs>","status":"ACTIVE","desiredCount":3,"runningCount":3,"pendingCount":0,"launchType":"FARGATE","taskDefinition":"arn:aws:ecs:<region>:<account>:task-definition/<taskdef>","deployments":[{"id":"ecs-svc/<n19>","status":"PRIMARY","desiredCount":3,"pendingCount":0,"runningCount":0,"createdAt":"<when>","rolloutState":"IN_PROGRESS"}]}}`},
	{name: "StopTask", by: tool | linked, weight: 3, request: `{"cluster":"<ecs>","task":"<task>","reason":"Scaling activity initiated by (deployment ecs-svc/<n19>)"}`, response: `{"task":` + ecsTask + `}`},
	{name: "ExecuteCommand", by: tool, weight: 2, request: `{"cluster":"<ecs>","task":"<task>","container":"<app>","command":"/bin/sh","interactive":true}`, response: `{"clusterArn":"arn:aws:ecs:<region>:<account>:cluster/<ecs>","containerName":"<app>","interactive":true,"session":{"sessionId":"ecs-execute-command-0<hex16>","tokenValue":"HIDDEN_DUE_TO_SECURITY_REASONS","streamUrl":"HIDDEN_DUE_TO_SECURITY_REASONS"},"taskArn":"arn:aws:ecs:<region>:<account>:task/<ecs>/<task>"}`, fails: failure{25, "InvalidParameterException", "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn't running. Wait and try again or run a new task with execute command enabled and try again."}},
}

var eksAPIs = []api{
	{name: "DescribeCluster", by: anyone | app | linked, weight: 20, request: `{"name":"<eks>"}`},
	{name: "ListClusters", by: staff | linked, weight: 8, request: `{"maxResults":100}`},
	{name: "DescribeNodegroup", by: anyone, weight: 8, request: `{"name":"<eks>","nodegroupName":"<nodegroup>"}`},
	{name: "ListNodegroups", by: anyone, weight: 6, request: `{"name":"<eks>"}`},
	{name: "AccessKubernetesApi", by: console, weight: 10, request: `{"name":"<eks>","path":"/api/v1/namespaces/<app>/pods"}`},
	{name: "AssumeRoleForPodIdentity", by: app, weight: 18, request: `{"clusterName":"<eks>","token":"HIDDEN_DUE_TO_SECURITY_REASONS"}`},
	{name: "UpdateNodegroupVersion", by: deploy, weight: 1, request: `{"name":"<eks>","nodegroupName":"<nodegroup>","clientRequestToken":"<uuid>","force":false}`, response: `{"update":{"id":"<uuid>","status":"InProgress","type":"VersionUpdate","params":[{"type":"ReleaseVersion","value":"1.31.<n1>-2026<n4>"}],"createdAt":"<iso>","errors":[]}}`},
}

var autoscalingAPIs = []api{
	{name: "DescribeAutoScalingGroups", by: anyone | linked | app, weight: 24, request: `{"autoScalingGroupNames":["<asg>"],"maxRecords":100}`},
	{name: "DescribeAutoScalingInstances", by: app | linked, weight: 14, request: `{"instanceIds":["<instance>"]}`},
	{name: "DescribeScalingActivities", by: staff, weight: 6, request: `{"autoScalingGroupName":"<asg>","maxRecords":20}`},
	{name: "SetDesiredCapacity", by: linked | tool, weight: 4, request: `{"autoScalingGroupName":"<asg>","desiredCapacity":<n1>,"honorCooldown":false}`},
	{name: "TerminateInstanceInAutoScalingGroup", by: app, weight: 3, request: `{"instanceId":"<instance>","shouldDecrementDesiredCapacity":true}`, response: `{"activity":{"activityId":"<uuid>","autoScalingGroupName":"<asg>","description":"Terminating EC2 instance: <instance>","cause":"At <iso> instance <instance> was taken out of service in response to a user request, shrinking the capacity.","startTime":"<when>","statusCode":"InProgress","progress":0,"details":"{\"Subnet ID\":\"<subnet>\",\"Availability Zone\":\"<az>\"}"}}`},
	{name: "UpdateAutoScalingGroup", by: deploy, weight: 3, request: `{"autoScalingGroupName":"<asg>","minSize":2,"maxSize":<n2>,"desiredCapacity":<n1>,"healthCheckGracePeriod":300,"vPCZoneIdentifier":"<subnet>,<subnet+>"}`},
}

var elbAPIs = []api{
	{name: "DescribeTargetHealth", by: anyone | linked | app, weight: 28, request: `{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<tg>"}`},
	{name: "DescribeLoadBalancers", by: anyone | linked | app, weight: 24, request: `{"loadBalancerArns":["arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/app/<lb>"],"pageSize":400}`},
	{name: "DescribeTargetGroups", by: anyone | linked, weight: 18, request: `{"targetGroupArns":["arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<tg>"]}`},
	{name: "DescribeListeners", by: anyone, weight: 12, request: `{"loadBalancerArn":"arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/app/<lb>"}`},
	{name: "DescribeRules", by: deploy | console, weight: 10, request: `{"listenerArn":"arn:aws:elasticloadbalancing:<region>:<account>:listener/app/<lb>/<hex16>"}`},
	{name: "DescribeTags", by: linked | deploy, weight: 10, request: `{"resourceArns":["arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/app/<lb>"]}`},
	{name: "RegisterTargets", by: linked, weight: 16, request: `{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<tg>","targets":[{"id":"<ip10>","port":8080,"availabilityZone":"<az>"}]}`},
	{name: "DeregisterTargets", by: linked, weight: 14, request: `{"targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<tg>","targets":[{"id":"<ip10>","port":8080}]}`},
	{name: "ModifyRule", by: deploy, weight: 1, request: `{"ruleArn":"arn:aws:elasticloadbalancing:<region>:<account>:listener-rule/app/<lb>/<hex16>/<hex16>","actions":[{"type":"forward","targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<tg>","order":1}]}`, response: `{"rules":[{"ruleArn":"arn:aws:elasticloadbalancing:<region>:<account>:listener-rule/app/<lb>/<hex16>/<hex16>","priority":"<n2>","conditions":[{"field":"path-pattern","values":["/<app>/*"]}],"actions":[{"type":"forward","targetGroupArn":"arn:aws:elasticloadbalancing:<region>:<account>:targetgroup/<tg>","order":1}],"isDefault":false}]}`},
}
