package eventgen

// dynamoTable is the resource of every request to a table.
const dynamoTable = `[{"accountId":"<account>","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:<region>:<account>:table/<table>"}]`

var dynamodbAPIs = []api{
	{name: "GetItem", by: app, weight: 60, data: true, request: `{"tableName":"<table>","key":["pk","sk"],"consistentRead":false}`, resources: dynamoTable},
	{name: "PutItem", by: app, weight: 36, data: true, request: `{"tableName":"<table>","key":["pk","sk"],"items":["pk","sk"]}`, resources: dynamoTable},
	{name: "UpdateItem", by: app, weight: 28, data: true, request: `{"tableName":"<table>","key":["pk","sk"],"updateExpression":"**********","returnValues":"NONE"}`, resources: dynamoTable, fails: failure{4, "ConditionalCheckFailedException", "The conditional request failed"}},
	{name: "Query", by: app, weight: 44, data: true, request: `{"tableName":"<table>","indexName":"gsi<n1>","keyConditionExpression":"**********","limit":<n3>,"scanIndexForward":true}`, resources: dynamoTable},
	{name: "Scan", by: app | tool, weight: 5, data: true, request: `{"tableName":"<table>","limit":1000,"totalSegments":4,"segment":1}`, resources: dynamoTable, fails: failure{6, "ProvisionedThroughputExceededException", "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."}},
	{name: "BatchWriteItem", by: app, weight: 8, data: true, request: `{"requestItems":{"<table>":["pk","sk"]}}`, resources: dynamoTable},
	{name: "DescribeTable", by: anyone | app | linked, weight: 26, request: `{"tableName":"<table>"}`, resources: dynamoTable, fails: failure{2, "ResourceNotFoundException", "Requested resource not found: Table: <table> not found"}},
	{name: "ListTables", by: staff | linked, weight: 10, request: `{"limit":100}`},
	{name: "DescribeContinuousBackups", by: linked | deploy, weight: 10, request: `{"tableName":"<table>"}`, resources: dynamoTable},
	{name: "DescribeTimeToLive", by: linked | deploy, weight: 9, request: `{"tableName":"<table>"}`, resources: dynamoTable},
	{name: "ListTagsOfResource", by: linked | deploy, weight: 9, request: `{"resourceArn":"arn:aws:dynamodb:<region>:<account>:table/<table>"}`},
	{name: "CreateBackup", by: app, weight: 1, request: `{"tableName":"<table>","backupName":"<table>-<day>"}`, response: `{"backupDetails":{"backupArn":"arn:aws:dynamodb:<region>:<account>:table/<table>/backup/0<n13>-<hex8>","backupName":"<table>-<day>","backupSizeBytes":<n9>,"backupStatus":"CREATING","backupType":"USER","backupCreationDateTime":"<when>"}}`, resources: dynamoTable},
	{name: "UpdateTable", by: deploy, weight: 1, request: `{"tableName":"<table>","billingMode":"PAY_PER_REQUEST"}`, response: `{"tableDescription":{"tableName":"<table>","tableStatus":"UPDATING","itemCount":<n7>,"tableSizeBytes":<n9>,"tableArn":"arn:aws:dynamodb:<region>:<account>:table/<table>","tableId":"<uuid>","keySchema":[{"attributeName":"pk","keyType":"HASH"},{"attributeName":"sk","keyType":"RANGE"}],"attributeDefinitions":[{"attributeName":"pk","attributeType":"S"},{"attributeName":"sk","attributeType":"S"}],"creationDateTime":"<when>","deletionProtectionEnabled":true}}`, resources: dynamoTable},
}

// rdsSnapshot is how RDS describes a snapshot in its answers.
const rdsSnapshot = `{"dBSnapshotIdentifier":"<dbsnap>","dBInstanceIdentifier":"<db>","engine":"postgres","allocatedStorage":<n3>,"status":"creating","port":5432,"availabilityZone":"<az>","vpcId":"<vpc>","instanceCreateTime":"<when>","masterUsername":"<app>","engineVersion":"16.4","licenseModel":"postgresql-license","snapshotType":"manual","percentProgress":0,"storageType":"gp3","encrypted":true,"kmsKeyId":"arn:aws:kms:<region>:<account>:key/<kms>","dBSnapshotArn":"arn:aws:rds:<region>:<account>:snapshot:<dbsnap>","iAMDatabaseAuthenticationEnabled":true,"processorFeatures":[],"dbiResourceId":"db-FJORD<n9>","tagList":[]}`

var rdsAPIs = []api{
	{name: "DescribeDBInstances", by: anyone | app | linked, weight: 36, request: `{"dBInstanceIdentifier":"<db>"}`, fails: failure{2, "DBInstanceNotFoundFault", "DBInstance <db> not found."}},
	{name: "DescribeDBClusters", by: anyone | linked, weight: 20, request: `{"dBClusterIdentifier":"<dbcluster>","includeShared":false}`},
	{name: "DescribeDBSnapshots", by: staff | linked, weight: 14, request: `{"dBInstanceIdentifier":"<db>","snapshotType":"automated","maxRecords":100}`},
	{name: "DescribeDBSnapshotAttributes", by: linked, weight: 10, request: `{"dBSnapshotIdentifier":"<dbsnap>"}`},
	{name: "ListTagsForResource", by: linked | deploy, weight: 16, request: `{"resourceName":"arn:aws:rds:<region>:<account>:db:<db>"}`},
	{name: "DescribeDBSubnetGroups", by: deploy | linked, weight: 8, request: `{"dBSubnetGroupName":"<env>-databases"}`},
	{name: "DescribeDBParameters", by: deploy | console, weight: 6, request: `{"dBParameterGroupName":"<app>-postgres16","source":"user"}`},
	{name: "DescribePendingMaintenanceActions", by: console | linked, weight: 5, request: `{"maxRecords":100}`},
	{name: "DescribeEvents", by: console, weight: 5, request: `{"sourceIdentifier":"<db>","sourceType":"db-instance","duration":1440}`},
	{name: "DownloadDBLogFilePortion", by: app | console, weight: 6, request: `{"dBInstanceIdentifier":"<db>","logFileName":"error/postgresql.log.<day>-<hh>","marker":"<n1>:<n6>"}`},
	{name: "CreateDBSnapshot", by: app | deploy, weight: 2, request: `{"dBSnapshotIdentifier":"<dbsnap>","dBInstanceIdentifier":"<db>"}`, response: rdsSnapshot, fails: failure{5, "InvalidDBInstanceStateFault", "Cannot create a snapshot because the database instance <db> is not currently in the available state."}},
	{name: "DeleteDBSnapshot", by: app, weight: 2, request: `{"dBSnapshotIdentifier":"<dbsnap>"}`, response: rdsSnapshot},
	{name: "ModifyDBInstance", by: deploy | console, weight: 1, request: `{"dBInstanceIdentifier":"<db>","allocatedStorage":<n3>,"masterUserPassword":"****","applyImmediately":false,"allowMajorVersionUpgrade":false}`, response: `{"dBInstanceIdentifier":"<db>","dBInstanceClass":"db.r6g.large","engine":"postgres","dBInstanceStatus":"available","masterUsername":"<app>","endpoint":{"address":"<db>.fjord<hex8>.<region>.rds.amazonaws.com","port":5432,"hostedZoneId":"ZFJORD<n6>"},"allocatedStorage":<n3>,"preferredBackupWindow":"02:30-03:00","backupRetentionPeriod":14,"vpcSecurityGroups":[{"vpcSecurityGroupId":"<sg>","status":"active"}],"pendingModifiedValues":{"allocatedStorage":<n3>},"multiAZ":true,"engineVersion":"16.4","publiclyAccessible":false,"storageEncrypted":true,"deletionProtection":true,"dBInstanceArn":"arn:aws:rds:<region>:<account>:db:<db>"}`},
}

var sqsAPIs = []api{
	{name: "GetQueueAttributes", by: app | staff | linked | deploy, weight: 26, request: `{"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<queue>","attributeNames":["ApproximateNumberOfMessages","ApproximateNumberOfMessagesNotVisible"]}`},
	{name: "GetQueueUrl", by: app, weight: 16, request: `{"queueName":"<queue>"}`, fails: failure{3, "QueueDoesNotExist", "The specified queue does not exist."}},
	{name: "ListQueues", by: staff | linked, weight: 9, request: `{"maxResults":1000}`},
	{name: "ListQueueTags", by: linked | deploy, weight: 8, request: `{"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<queue>"}`},
	{name: "SetQueueAttributes", by: deploy, weight: 2, request: `{"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<queue>","attributes":{"VisibilityTimeout":"<n2>","MessageRetentionPeriod":"345600"}}`},
	{name: "PurgeQueue", by: console, weight: 1, request: `{"queueUrl":"https://sqs.<region>.amazonaws.com/<account>/<queue>"}`},
}

var snsAPIs = []api{
	{name: "GetTopicAttributes", by: staff | linked | deploy, weight: 14, request: `{"topicArn":"arn:aws:sns:<region>:<account>:<topic>"}`},
	{name: "ListTopics", by: staff | linked, weight: 8},
	{name: "ListSubscriptionsByTopic", by: console | linked | deploy, weight: 8, request: `{"topicArn":"arn:aws:sns:<region>:<account>:<topic>"}`},
	{name: "ListTagsForResource", by: linked | deploy, weight: 8, request: `{"resourceArn":"arn:aws:sns:<region>:<account>:<topic>"}`},
	{name: "Subscribe", by: deploy, weight: 1, request: `{"topicArn":"arn:aws:sns:<region>:<account>:<topic>","protocol":"sqs","endpoint":"HIDDEN_DUE_TO_SECURITY_REASONS","returnSubscriptionArn":true}`, response: `{"subscriptionArn":"arn:aws:sns:<region>:<account>:<topic>:<uuid>"}`},
}

var kinesisAPIs = []api{
	{name: "DescribeStreamSummary", by: app | linked, weight: 18, request: `{"streamName":"<stream>"}`},
	{name: "ListShards", by: app, weight: 16, request: `{"streamName":"<stream>","maxResults":1000}`, fails: failure{5, "LimitExceededException", "Rate exceeded for stream <stream> under account <account>."}},
	{name: "GetShardIterator", by: app, weight: 10, request: `{"streamName":"<stream>","shardId":"shardId-000000000<n3>","shardIteratorType":"AFTER_SEQUENCE_NUMBER","startingSequenceNumber":"4967<n18><n18><n16>"}`},
}

var athenaAPIs = []api{
	{name: "StartQueryExecution", by: app | staff, weight: 16, request: `{"queryString":"***OMITTED***","clientRequestToken":"<uuid>","queryExecutionContext":{"database":"<gluedb>"},"resultConfiguration":{"outputLocation":"s3://<bucket>/athena/"},"workGroup":"<workgroup>"}`, response: `{"queryExecutionId":"<uuid>"}`},
	{name: "GetQueryExecution", by: app | staff, weight: 40, request: `{"queryExecutionId":"<uuid>"}`},
	{name: "GetQueryResults", by: app | staff, weight: 12, request: `{"queryExecutionId":"<uuid>","maxResults":1000}`},
	{name: "ListWorkGroups", by: console, weight: 4, request: `{"maxResults":50}`},
}

var glueAPIs = []api{
	{name: "GetTable", by: app | staff | aws, weight: 26, invokers: "athena", request: `{"catalogId":"<account>","databaseName":"<gluedb>","name":"<gluetable>"}`, fails: failure{4, "EntityNotFoundException", "Entity Not Found"}},
	{name: "GetTables", by: app | console, weight: 10, request: `{"databaseName":"<gluedb>","maxResults":100}`},
	{name: "GetPartitions", by: app | aws, weight: 20, invokers: "athena", request: `{"catalogId":"<account>","databaseName":"<gluedb>","tableName":"<gluetable>","expression":"(dt >= '<day>')","segment":{"segmentNumber":0,"totalSegments":1},"maxResults":1000}`},
	{name: "GetDatabases", by: console | app, weight: 8, request: `{"maxResults":100}`},
	{name: "BatchCreatePartition", by: app, weight: 6, request: `{"databaseName":"<gluedb>","tableName":"<gluetable>","partitionInputList":[{"values":["<day>","<hh>"],"storageDescriptor":{"location":"s3://<bucket>/events/dt=<day>/hour=<hh>/","inputFormat":"org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat","outputFormat":"org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"}}]}`, response: `{"errors":[]}`},
	{name: "StartJobRun", by: app, weight: 2, request: `{"jobName":"<app>-<part>","arguments":{"--date":"<day>"}}`, response: `{"jobRunId":"jr_<hex64>"}`},
}

var elasticacheAPIs = []api{
	{name: "DescribeCacheClusters", by: anyone | linked, weight: 14, request: `{"cacheClusterId":"<cache>","showCacheNodeInfo":true}`},
	{name: "DescribeReplicationGroups", by: anyone | linked, weight: 10, request: `{"replicationGroupId":"<cache>"}`},
	{name: "ListTagsForResource", by: linked, weight: 6, request: `{"resourceName":"arn:aws:elasticache:<region>:<account>:cluster:<cache>"}`},
}
