package eventgen

// The parts of the second script that act nowhere else.
const (
	outsider        = "123456789012"   // the attacker's own account
	outsiderAddress = "198.51.100.233" // where its machine is
	stolenRole      = "booking-api-ec2"
	stolenMachine   = "i-0f10d000000000003"
	storyFriend     = "astrid.dahl@fjordbyte.example"
)

// What its steps share.
const (
	takenAway     = `{"userName":"$victim","serialNumber":"arn:aws:iam::<account>:mfa/$victim"}`
	reporters     = `{"groupName":"admins","userName":"<user>"}`
	anything      = `{"userName":"<user>","policyName":"maintenance","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"}`
	trustOutsider = `{"roleName":"` + stolenRole + `","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"},{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::` + outsider + `:root\"},\"Action\":\"sts:AssumeRole\"}]}"}`
	trustMachines = `{"roleName":"` + stolenRole + `","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}`
	stolenTurn    = `{"roleArn":"arn:aws:iam::<account>:role/` + stolenRole + `","roleSessionName":"sync","durationSeconds":43200}`
	expireLogs    = `{"lifecycle":"","bucketName":"fjordbyte-prod-trail","LifecycleConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","Rule":{"ID":"tidy","Status":"Enabled","Filter":{"Prefix":"AWSLogs/"},"Expiration":{"Days":1}}},"Host":"fjordbyte-prod-trail.s3.<region>.amazonaws.com"}`
	replicate     = `{"replication":"","bucketName":"<bucket>","ReplicationConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","Role":"arn:aws:iam::<account>:role/` + stolenRole + `","Rule":{"ID":"sync","Status":"Enabled","Priority":1,"Destination":{"Account":"` + outsider + `","Bucket":"arn:aws:s3:::offsite-7731"}}},"Host":"<bucket>.s3.<region>.amazonaws.com"}`
	newFunction   = `{"functionName":"metrics-sync","runtime":"python3.12","role":"arn:aws:iam::<account>:role/` + stolenRole + `","handler":"f.run","code":{},"timeout":900,"memorySize":1024,"publish":false,"packageType":"Zip","environment":{}}`
	openFunction  = `{"functionName":"metrics-sync","statementId":"public","action":"lambda:InvokeFunctionUrl","principal":"*","functionUrlAuthType":"NONE"}`
	functionURL   = `{"functionName":"metrics-sync","authType":"NONE"}`
	shareDisk     = `{"snapshotId":"snap-0f10dbadc0ffee001","createVolumePermission":{"add":{"items":[{"userId":"` + outsider + `"}]}},"attributeType":"CREATE_VOLUME_PERMISSION"}`
	unshareDisk   = `{"snapshotId":"snap-0f10dbadc0ffee001","createVolumePermission":{"remove":{"items":[{"userId":"` + outsider + `"}]}},"attributeType":"CREATE_VOLUME_PERMISSION"}`
	shareDatabase = `{"dBSnapshotIdentifier":"booking-prod-final","attributeName":"restore","valuesToAdd":["` + outsider + `"]}`
	shareBucket   = `{"Version":"2012-10-17","Statement":[{"Sid":"Audit","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + outsider + `:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::fjordbyte-prod-ledger-archive/*"}]}`
	shareImage    = `{"imageId":"ami-0f10dbadc0ffee002","launchPermission":{"add":{"items":[{"userId":"` + outsider + `"}]}},"attributeType":"launchPermission"}`
	keyPolicy     = `{"keyId":"arn:aws:kms:<region>:<account>:key/11111111-2222-4333-8444-555555555555","policyName":"default","policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::` + outsider + `:root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}","bypassPolicyLockoutSafetyCheck":false}`
	oldKey        = `{"keyId":"arn:aws:kms:<region>:<account>:key/99999999-8888-4777-8666-555555555555"`
	peering       = `{"vpcId":"vpc-0f10d00000000000a","peerVpcId":"vpc-0f10d00000000000b","peerOwnerId":"444455556666","peerRegion":"<region>"}`
	suspended     = `{"detectorId":"0f10d0000000000000000000000000d1","enable":false}`
	resumed       = `{"detectorId":"0f10d0000000000000000000000000d1","enable":true}`
	recorder      = `{"configurationRecorderName":"default"}`
	alarms        = `{"alarmNames":["root-sign-in","unauthorised-calls"]}`
	snapshotLimit = "Cannot create more than 100 manual snapshots"
	inAHurry      = "Rate exceeded"
	rootsKey      = `{"accessKey":{"accessKeyId":"AKIAEXAMPLEFJORDROOT","status":"Active","createDate":"<when>"}}`
	friendsKey    = `{"accessKey":{"userName":"nora.lund","accessKeyId":"AKIAEXAMPLEFJORDNORA","status":"Active","createDate":"<when>"}}`
	startScript   = `{"instanceId":"` + stolenMachine + `","userData":"<sensitiveDataRemoved>"}`
	scp           = `{"policyId":"p-fjordguard","targetId":"ou-fjrd-11112222"}`
	withMFA       = `{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"Yes"}`
)

// secondScript is what happens besides: the company's own doings in the weeks
// before, and more of what the attacker does, with Options.Incidents. It is told
// after the first, so that the first is the same with it and without.
var secondScript = [...]step{
	// The company.
	{day: -9, clock: "08:30:12", by: theRoot, where: inGlobal, api: "signin ConsoleLogin", extra: withMFA},
	{day: -9, clock: "08:34:41", by: theRoot, where: inGlobal, api: "iam CreateAccessKey", request: `{}`, response: rootsKey},
	{day: -9, clock: "08:52:03", by: theRoot, where: inGlobal, api: "iam DeleteAccessKey", request: `{"accessKeyId":"AKIAEXAMPLEFJORDROOT"}`},
	{day: -8, clock: "01:30:00", times: 6, every: 86_400, by: theBackup, api: "rds CreateDBSnapshot", request: `{"dBSnapshotIdentifier":"ledger-nightly","dBInstanceIdentifier":"ledger-prod-01"}`, code: "SnapshotQuotaExceeded", message: snapshotLimit},
	{day: -7, clock: "09:10:20", by: theAdmin, api: "kms ScheduleKeyDeletion", request: oldKey + `,"pendingWindowInDays":7}`},
	{day: -7, clock: "15:20:44", by: theAdmin, api: "kms CancelKeyDeletion", request: oldKey + `}`},
	{day: -7, clock: "15:24:10", by: theAdmin, api: "kms DisableKey", request: oldKey + `}`},
	{day: -6, clock: "10:05:00", by: theAdmin, api: "rds DeleteDBInstance", request: `{"dBInstanceIdentifier":"reports-prod-07","skipFinalSnapshot":true,"deleteAutomatedBackups":true}`},
	{day: -6, clock: "10:40:31", by: theAdmin, api: "rds DeleteDBInstance", request: `{"dBInstanceIdentifier":"search-prod-02","skipFinalSnapshot":false,"finalDBSnapshotIdentifier":"search-prod-02-final"}`},
	{day: -6, clock: "13:15:08", by: thePipeline, api: "ec2 CreateVpcPeeringConnection", request: peering},
	{day: -6, clock: "13:18:22", by: theAdmin, api: "ec2 AcceptVpcPeeringConnection", request: `{"vpcPeeringConnectionId":"pcx-0f10d00000000000c"}`},
	{day: -5, clock: "09:00:17", by: thePipeline, api: "ec2 CreateVpcEndpoint", request: `{"VpcEndpointType":"Gateway","VpcId":"vpc-0f10d00000000000a","ServiceName":"com.amazonaws.<region>.s3"}`},
	{day: -5, clock: "11:30:02", by: thePipeline, api: "ec2 CreateInternetGateway", request: `{}`, response: `{"internetGateway":{"internetGatewayId":"igw-0f10d00000000000d"}}`},
	{day: -5, clock: "11:30:40", by: thePipeline, api: "ec2 AttachInternetGateway", request: `{"internetGatewayId":"igw-0f10d00000000000d","vpcId":"vpc-0f10d00000000000a"}`},
	{day: -4, clock: "08:15:55", by: theAdmin, where: inGlobal, api: "iam UpdateAccountPasswordPolicy", request: `{"minimumPasswordLength":14,"requireSymbols":true,"maxPasswordAge":90}`},
	{day: -4, clock: "14:00:09", times: 2, every: 30, by: theFriend, api: "backup DeleteRecoveryPoint", request: `{"backupVaultName":"prod-vault","recoveryPointArn":"arn:aws:ec2:<region>::snapshot/snap-0f10d000000000004"}`},
	{day: -3, clock: "07:45:00", times: 12, every: 5, by: theMonitor, api: "monitoring GetMetricData", code: "ThrottlingException", message: inAHurry},
	{day: -3, clock: "10:20:30", by: theFriend, api: "sso CreateAccountAssignment", request: `{"instanceArn":"arn:aws:sso:::instance/ssoins-fjord","targetId":"<account>","targetType":"AWS_ACCOUNT","permissionSetArn":"arn:aws:sso:::permissionSet/ssoins-fjord/ps-operations","principalType":"USER","principalId":"tuva.sand"}`},
	{day: -2, clock: "12:05:18", by: theAdmin, where: inGlobal, api: "organizations AttachPolicy", request: scp},
	{day: -2, clock: "13:40:27", by: thePipeline, api: "cloudformation DeleteStack", request: `{"stackName":"prod-weather-cache"}`},
	{day: -1, clock: "09:31:00", by: theFriend, api: "tagging UntagResources", request: `{"resourceARNList":["arn:aws:rds:<region>:<account>:db:ledger-prod-01"],"tagKeys":["owner"]}`},

	// The attacker, with Jonas's sign-in.
	{day: 0, clock: "02:24:30", by: theVictim, where: inGlobal, api: "iam AddUserToGroup", request: reporters},
	{day: 0, clock: "02:25:10", by: theVictim, where: inGlobal, api: "iam DeactivateMFADevice", request: takenAway},
	{day: 0, clock: "02:25:31", by: theVictim, where: inGlobal, api: "iam DeleteVirtualMFADevice", request: `{"serialNumber":"arn:aws:iam::<account>:mfa/$victim"}`},

	// With the key: nobody shall see it, and there shall be other ways back.
	{day: 1, clock: "01:53:10", by: theKey, api: "config StopConfigurationRecorder", request: recorder},
	{day: 1, clock: "01:54:02", by: theKey, api: "guardduty UpdateDetector", request: suspended},
	{day: 1, clock: "01:55:17", by: theKey, api: "monitoring DisableAlarmActions", request: alarms},
	{day: 1, clock: "01:56:40", by: theKey, api: "ec2 DeleteFlowLogs", request: `{"DeleteFlowLogsRequest":{"FlowLogId":{"tag":1,"content":"fl-0f10d000000000005"}}}`},
	{day: 1, clock: "01:57:21", by: theKey, api: "logs DeleteLogGroup", request: `{"logGroupName":"/fjordbyte/prod/vpc-flow"}`},
	{day: 1, clock: "01:58:59", by: theKey, api: "s3 PutBucketLifecycle", request: expireLogs},
	{day: 1, clock: "02:05:33", by: theKey, where: inGlobal, api: "iam UpdateAssumeRolePolicy", request: trustOutsider},
	{day: 1, clock: "02:06:20", by: theKey, where: inGlobal, api: "iam UpdateLoginProfile", request: `{"userName":"nora.lund","passwordResetRequired":false}`},
	{day: 1, clock: "02:07:04", by: theKey, where: inGlobal, api: "iam PutUserPolicy", request: anything},
	{day: 1, clock: "02:08:11", by: theKey, where: inGlobal, api: "iam SetDefaultPolicyVersion", request: `{"policyArn":"arn:aws:iam::<account>:policy/booking-api-access","versionId":"v1"}`},
	{day: 1, clock: "02:09:45", by: theKey, where: inGlobal, api: "iam CreateLoginProfile", request: `{"userName":"<user>","passwordResetRequired":false}`},
	{day: 1, clock: "02:10:30", by: theKey, where: inGlobal, api: "iam CreateOpenIDConnectProvider", request: `{"url":"https://sts.attacker.example","clientIDList":["sts.amazonaws.com"],"thumbprintList":["<hex40>"]}`},
	{day: 1, clock: "02:12:05", by: theKey, where: inGlobal, api: "sts GetFederationToken", request: `{"name":"support","durationSeconds":129600,"policyArns":[{"arn":"arn:aws:iam::aws:policy/AdministratorAccess"}]}`},
	{day: 1, clock: "02:15:00", times: 2, every: 1200, by: theOutsider, api: "sts AssumeRole", request: stolenTurn},
	{day: 2, clock: "02:35:00", times: 3, every: 120, by: theMachine, api: "ssm UpdateInstanceInformation", request: `{"instanceId":"` + stolenMachine + `","agentVersion":"3.3.2746.0","agentStatus":"Active","platformType":"Linux"}`},
	{day: 2, clock: "02:40:12", by: theThief, where: inGlobal, api: "sts GetCallerIdentity"},
	{day: 2, clock: "02:41:03", by: theThief, api: "s3 ListBuckets"},
	{day: 2, clock: "02:42:20", times: 3, every: 8, by: theThief, api: "secretsmanager GetSecretValue", code: "AccessDenied", message: refused},
	{day: 2, clock: "03:30:05", by: theKey, api: "lambda CreateFunction20150331", request: newFunction},
	{day: 2, clock: "03:30:50", by: theKey, api: "lambda CreateFunctionUrlConfig", request: functionURL},
	{day: 2, clock: "03:31:15", by: theKey, api: "lambda AddPermission20150331v2", request: openFunction},

	// And everything else that can be carried away.
	{day: 3, clock: "00:47:10", by: theKey, api: "kms PutKeyPolicy", request: keyPolicy},
	{day: 3, clock: "00:48:02", by: theKey, api: "kms CreateGrant", request: `{"keyId":"arn:aws:kms:<region>:<account>:key/11111111-2222-4333-8444-555555555555","granteePrincipal":"arn:aws:iam::` + outsider + `:root","operations":["Decrypt"]}`},
	{day: 3, clock: "00:49:30", by: theKey, api: "ec2 ModifyInstanceAttribute", request: startScript},
	{day: 3, clock: "00:50:15", by: theKey, api: "ssm SendCommand", request: `{"instanceIds":["` + stolenMachine + `"],"documentName":"AWS-RunShellScript","parameters":"HIDDEN_DUE_TO_SECURITY_REASONS","interactive":false}`},
	{day: 3, clock: "00:54:07", by: theKey, api: "ec2 ModifySnapshotAttribute", request: shareDisk},
	{day: 3, clock: "00:55:19", by: theKey, api: "rds ModifyDBSnapshotAttribute", request: shareDatabase},
	{day: 3, clock: "00:56:28", by: theKey, api: "ec2 ModifyImageAttribute", request: shareImage},
	{day: 3, clock: "00:57:44", by: theKey, api: "rds ModifyDBInstance", request: `{"dBInstanceIdentifier":"ledger-prod-01","publiclyAccessible":true,"applyImmediately":true}`},
	{day: 3, clock: "00:58:36", by: theKey, api: "ec2 DisableEbsEncryptionByDefault", request: `{"DisableEbsEncryptionByDefaultRequest":{}}`},
	{day: 4, clock: "02:26:14", by: theKey, api: "s3 PutBucketReplication", request: replicate},
	{day: 4, clock: "02:27:30", by: theKey, api: "s3 PutBucketPolicy", request: `{"bucketPolicy":` + shareBucket + `,"bucketName":"fjordbyte-prod-ledger-archive","Host":"fjordbyte-prod-ledger-archive.s3.<region>.amazonaws.com","policy":""}`},
	{day: 4, clock: "02:28:51", by: theKey, api: "dynamodb ExportTableToPointInTime", request: `{"tableArn":"arn:aws:dynamodb:<region>:<account>:table/booking-orders-prod","s3Bucket":"offsite-7731","s3BucketOwner":"` + outsider + `","exportFormat":"DYNAMODB_JSON"}`},
	{day: 5, clock: "01:40:00", times: 25, every: 4, by: theKey, api: "s3 DeleteObject"},
	{day: 5, clock: "02:06:40", by: theKey, where: inGlobal, api: "organizations LeaveOrganization", code: "AccessDenied", message: refusedSCP},
	{day: 6, clock: "23:05:12", by: theKey, where: inGlobal, api: "iam CreateAccessKey", request: `{"userName":"nora.lund"}`, response: friendsKey},

	// What Ingrid puts right.
	{day: 7, clock: "07:12:15", by: theAdmin, where: inGlobal, api: "iam DeleteUserPolicy", request: `{"userName":"<user>","policyName":"maintenance"}`},
	{day: 7, clock: "07:13:02", by: theAdmin, where: inGlobal, api: "iam RemoveUserFromGroup", request: reporters},
	{day: 7, clock: "07:16:30", by: theAdmin, where: inGlobal, api: "iam DeleteLoginProfile", request: `{"userName":"<user>"}`},
	{day: 7, clock: "07:17:48", by: theAdmin, where: inGlobal, api: "iam UpdateAssumeRolePolicy", request: trustMachines},
	{day: 7, clock: "07:24:05", by: theAdmin, api: "guardduty UpdateDetector", request: resumed},
	{day: 7, clock: "07:25:11", by: theAdmin, api: "config StartConfigurationRecorder", request: recorder},
	{day: 7, clock: "07:26:37", by: theAdmin, api: "monitoring EnableAlarmActions", request: alarms},
	{day: 7, clock: "07:31:20", by: theAdmin, api: "ec2 ModifySnapshotAttribute", request: unshareDisk},
	{day: 7, clock: "07:33:58", by: theAdmin, api: "lambda DeleteFunction20150331", request: `{"functionName":"metrics-sync"}`},
	{day: 7, clock: "08:12:40", by: theAdmin, where: inGlobal, api: "iam DeleteAccessKey", request: `{"userName":"nora.lund","accessKeyId":"AKIAEXAMPLEFJORDNORA"}`},
}
