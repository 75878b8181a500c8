package eventgen

// where in the account a step takes place.
type where uint8

const (
	inHome where = iota
	inGlobal
	inUnused
)

// step is a line of the script. What it does not say about the request is
// as in the catalog, with the story's names in it.
type step struct {
	day     int    // since the story's first
	clock   string // UTC
	times   int    // 0 is once
	every   int64  // seconds between them, on average
	by      part
	where   where
	api     string // service and name
	code    string
	message string

	request, response, extra string
}

// What the steps share.
const (
	loginFailed = `{"ConsoleLogin":"Failure"}`
	signedIn    = `{"LoginTo":"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state=hashArgsFromTB_us-east-1_<hex16>","MobileVersion":"No","MFAUsed":"No"}`
	wrong       = "Failed authentication"
	refused     = "User: <arn> is not authorized to perform: <action> on resource: * because no identity-based policy allows the <action> action"
	refusedSCP  = "User: <arn> is not authorized to perform: <action> with an explicit deny in a service control policy"
	refusedEC2  = "You are not authorized to perform this operation. User: <arn> is not authorized to perform: <action> because no identity-based policy allows the <action> action"
	noVCPUs     = "You have requested more vCPU capacity than your current vCPU limit of 64 allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."

	openSSH       = `{"groupId":"<sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}`
	openedSSH     = `{"requestId":"<requestid>","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"<account>","groupId":"<sg>","securityGroupRuleId":"sgr-0<hex16>","isEgress":false,"ipProtocol":"tcp","fromPort":22,"toPort":22,"cidrIpv4":"0.0.0.0/0"}]}}`
	bigMachines   = `{"instancesSet":{"items":[{"imageId":"<image>","minCount":1,"maxCount":1,"keyName":"<keypair>"}]},"groupSet":{"items":[{"groupId":"<sg>"}]},"instanceType":"g5.12xlarge","blockDeviceMapping":{},"monitoring":{"enabled":false},"disableApiTermination":true,"disableApiStop":true,"clientToken":"<uid>"}`
	makePublic    = `{"bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"PublicRead","Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::<bucket>","arn:aws:s3:::<bucket>/*"]}]},"bucketName":"<bucket>","Host":"<bucket>.s3.<region>.amazonaws.com","policy":""}`
	unblock       = `{"publicAccessBlock":"","bucketName":"<bucket>","PublicAccessBlockConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","RestrictPublicBuckets":false,"BlockPublicPolicy":false,"BlockPublicAcls":false,"IgnorePublicAcls":false},"Host":"<bucket>.s3.<region>.amazonaws.com"}`
	listing       = `{"list-type":"2","bucketName":"<bucket>","encoding-type":"url","prefix":"customers/","Host":"<bucket>.s3.<region>.amazonaws.com"}`
	theTrail      = `{"name":"arn:aws:cloudtrail:<region>:<account>:trail/<trail>"}`
	asAdmin       = `{"userName":"<user>","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}`
	keyCreated    = `{"accessKey":{"userName":"<user>","accessKeyId":"$key","status":"Active","createDate":"<when>"}}`
	theKeyOf      = `{"userName":"<user>","accessKeyId":"$key"}`
	twoMachines   = `{"instancesSet":{"items":[{"instanceId":"<instance>"}]}}`
	lookForTheKey = `{"maxResults":50,"lookupAttributes":[{"attributeKey":"AccessKeyId","attributeValue":"$key"}]}`
)

// script is the story, line by line. A trail is stopped in it and yet the
// events go on: the bucket belongs to the organization's trail, which the
// attacker does not know of until DeleteTrail is refused.
var script = [...]step{
	// Guessing.
	{day: 0, clock: "01:12:08", times: 3, every: 41, by: theStranger, where: inGlobal, api: "signin ConsoleLogin", message: "No username found in supplied account", response: loginFailed, extra: signedIn},
	{day: 0, clock: "01:19:30", times: 4, every: 37, by: guessAdmin, where: inGlobal, api: "signin ConsoleLogin", message: wrong, response: loginFailed, extra: signedIn},
	{day: 0, clock: "01:27:02", times: 3, every: 33, by: guessOther, where: inGlobal, api: "signin ConsoleLogin", message: wrong, response: loginFailed, extra: signedIn},
	{day: 0, clock: "01:44:15", times: 6, every: 52, by: guessVictim, where: inGlobal, api: "signin ConsoleLogin", message: wrong, response: loginFailed, extra: signedIn},
	{day: 0, clock: "02:07:31", by: theVictim, where: inGlobal, api: "signin ConsoleLogin", extra: signedIn},

	// Looking around, with what a developer may do.
	{day: 0, clock: "02:08:05", by: theVictim, where: inGlobal, api: "iam GetAccountSummary", code: "AccessDenied", message: refused},
	{day: 0, clock: "02:08:44", by: theVictim, where: inGlobal, api: "iam ListUsers"},
	{day: 0, clock: "02:09:20", by: theVictim, where: inGlobal, api: "iam ListAttachedUserPolicies", request: `{"userName":"$victim"}`},
	{day: 0, clock: "02:09:58", times: 2, every: 20, by: theVictim, where: inGlobal, api: "iam GetAccountAuthorizationDetails", code: "AccessDenied", message: refused},
	{day: 0, clock: "02:10:47", by: theVictim, where: inGlobal, api: "iam ListRoles", code: "AccessDenied", message: refused},
	{day: 0, clock: "02:11:12", times: 2, every: 15, by: theVictim, api: "s3 ListBuckets", code: "AccessDenied", message: refused},
	{day: 0, clock: "02:12:40", by: theVictim, api: "ec2 DescribeInstances", code: "Client.UnauthorizedOperation", message: refusedEC2},
	{day: 0, clock: "02:14:02", by: theVictim, api: "secretsmanager ListSecrets", code: "AccessDenied", message: refused},
	{day: 0, clock: "02:15:47", by: theVictim, where: inGlobal, api: "iam ListAccessKeys"},
	{day: 0, clock: "02:17:20", by: theVictim, where: inGlobal, api: "iam CreateAccessKey", request: `{"userName":"ingrid.berg"}`, code: "AccessDenied", message: refused},
	{day: 0, clock: "02:19:55", by: theVictim, where: inGlobal, api: "iam CreateAccessKey", response: keyCreated},
	{day: 0, clock: "02:22:10", by: theVictim, where: inGlobal, api: "iam AttachUserPolicy", request: asAdmin},

	// The key works.
	{day: 0, clock: "02:31:44", by: theKey, where: inGlobal, api: "sts GetCallerIdentity"},
	{day: 0, clock: "02:32:10", by: theKey, where: inGlobal, api: "iam ListAttachedUserPolicies", request: `{"userName":"<user>"}`},
	{day: 0, clock: "02:33:02", by: theKey, where: inGlobal, api: "iam ListUsers"},
	{day: 0, clock: "02:33:20", by: theKey, where: inGlobal, api: "iam GetAccountAuthorizationDetails"},
	{day: 0, clock: "02:34:11", by: theKey, api: "s3 ListBuckets"},
	{day: 0, clock: "02:35:05", by: theKey, api: "ec2 DescribeRegions"},
	{day: 0, clock: "02:35:31", by: theKey, api: "ec2 DescribeInstances"},
	{day: 0, clock: "02:36:18", by: theKey, api: "ec2 DescribeSecurityGroups"},
	{day: 0, clock: "02:37:40", by: theKey, api: "cloudtrail DescribeTrails"},

	// Out with the light, in through the door.
	{day: 1, clock: "01:50:12", by: theKey, api: "cloudtrail GetTrailStatus"},
	{day: 1, clock: "01:50:40", by: theKey, api: "cloudtrail StopLogging", request: theTrail},
	{day: 1, clock: "01:51:05", by: theKey, api: "cloudtrail GetTrailStatus"},
	{day: 1, clock: "02:02:19", by: theKey, api: "ec2 DescribeSecurityGroups"},
	{day: 1, clock: "02:03:07", by: theKey, api: "ec2 AuthorizeSecurityGroupIngress", request: openSSH, response: openedSSH},

	// Somebody else's electricity.
	{day: 2, clock: "03:08:51", by: theKey, where: inUnused, api: "ec2 DescribeInstanceTypes"},
	{day: 2, clock: "03:09:14", by: theKey, where: inUnused, api: "ec2 DescribeImages"},
	{day: 2, clock: "03:09:46", by: theKey, where: inUnused, api: "ec2 CreateKeyPair", request: `{"keyName":"k1","keyType":"rsa","keyFormat":"pem"}`, response: `{"requestId":"<requestid>","keyName":"k1","keyFingerprint":"<hex40>","keyPairId":"key-0<hex16>","keyMaterial":"<sensitiveDataRemoved>"}`},
	{day: 2, clock: "03:10:32", by: theKey, where: inUnused, api: "ec2 AuthorizeSecurityGroupIngress", request: openSSH, response: openedSSH},
	{day: 2, clock: "03:11:20", times: 2, every: 30, by: theKey, where: inUnused, api: "ec2 RunInstances", request: bigMachines, code: "Client.VcpuLimitExceeded", message: noVCPUs},
	{day: 2, clock: "03:13:05", times: 2, every: 24, by: theKey, where: inUnused, api: "ec2 RunInstances", request: bigMachines},
	{day: 2, clock: "03:16:40", times: 3, every: 600, by: theKey, where: inUnused, api: "ec2 DescribeInstances"},

	// What is locked away.
	{day: 3, clock: "00:40:26", by: theKey, api: "secretsmanager ListSecrets"},
	{day: 3, clock: "00:41:09", times: 5, every: 25, by: theKey, api: "secretsmanager GetSecretValue"},
	{day: 3, clock: "00:45:30", times: 2, every: 18, by: theKey, api: "ssm GetParametersByPath"},
	{day: 3, clock: "00:52:11", by: theKey, api: "rds DescribeDBInstances"},
	{day: 3, clock: "00:52:58", by: theKey, api: "rds DescribeDBSnapshots"},

	// The customers.
	{day: 4, clock: "02:20:17", by: theKey, api: "s3 GetBucketLocation"},
	{day: 4, clock: "02:20:39", by: theKey, api: "s3 GetBucketPolicy", code: "NoSuchBucketPolicy", message: "The bucket policy does not exist"},
	{day: 4, clock: "02:21:25", by: theKey, api: "s3 PutBucketPublicAccessBlock", request: unblock},
	{day: 4, clock: "02:22:08", by: theKey, api: "s3 PutBucketPolicy", request: makePublic},
	{day: 4, clock: "02:23:44", times: 2, every: 21, by: theKey, api: "s3 ListObjects", request: listing},
	{day: 4, clock: "02:31:02", times: 14, every: 9, by: theKey, api: "s3 GetObject"},
	{day: 4, clock: "03:30:48", times: 5, every: 44, by: nobody, api: "s3 GetObject"},
	{day: 5, clock: "01:15:33", by: theKey, api: "s3 ListObjects", request: listing},
	{day: 5, clock: "01:16:20", times: 18, every: 11, by: theKey, api: "s3 GetObject"},
	{day: 5, clock: "02:05:57", times: 2, every: 40, by: theKey, api: "cloudtrail DeleteTrail", request: theTrail, code: "AccessDenied", message: refusedSCP},
	{day: 5, clock: "02:08:13", by: theKey, where: inGlobal, api: "iam CreateUser", request: `{"userName":"svc-telemetry"}`, code: "AccessDenied", message: refusedSCP},
	{day: 6, clock: "22:40:05", by: theKey, api: "s3 ListObjects", request: listing},
	{day: 6, clock: "22:41:12", times: 12, every: 13, by: theKey, api: "s3 GetObject"},
	{day: 6, clock: "23:21:09", by: theKey, where: inGlobal, api: "sts GetCallerIdentity"},

	// Monday morning.
	{day: 7, clock: "06:52:30", times: 3, every: 70, by: theAdmin, api: "cloudtrail LookupEvents", request: lookForTheKey},
	{day: 7, clock: "07:04:10", by: theAdmin, where: inGlobal, api: "iam ListAccessKeys"},
	{day: 7, clock: "07:05:02", by: theAdmin, where: inGlobal, api: "iam GetAccessKeyLastUsed", request: `{"accessKeyId":"$key"}`},
	{day: 7, clock: "07:09:47", by: theAdmin, where: inGlobal, api: "iam UpdateAccessKey", request: `{"userName":"<user>","status":"Inactive","accessKeyId":"$key"}`},
	{day: 7, clock: "07:11:30", by: theAdmin, where: inGlobal, api: "iam DetachUserPolicy", request: asAdmin},
	{day: 7, clock: "07:14:55", by: theAdmin, where: inGlobal, api: "iam DeleteLoginProfile", request: `{"userName":"$victim"}`},
	{day: 7, clock: "07:21:08", by: theAdmin, api: "s3 DeleteBucketPolicy"},
	{day: 7, clock: "07:22:40", by: theAdmin, api: "s3 PutBucketPublicAccessBlock"},
	{day: 7, clock: "07:29:16", by: theAdmin, api: "ec2 RevokeSecurityGroupIngress", request: openSSH},
	{day: 7, clock: "07:38:02", by: theAdmin, where: inUnused, api: "ec2 DescribeInstances"},
	{day: 7, clock: "07:39:45", times: 2, every: 12, by: theAdmin, where: inUnused, api: "ec2 TerminateInstances", request: twoMachines},
	{day: 7, clock: "07:52:20", by: theAdmin, api: "cloudtrail StartLogging", request: theTrail},
	{day: 7, clock: "07:53:01", by: theAdmin, api: "cloudtrail GetTrailStatus"},
	{day: 7, clock: "08:10:37", by: theAdmin, where: inGlobal, api: "iam DeleteAccessKey", request: theKeyOf},
}
