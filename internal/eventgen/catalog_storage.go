package eventgen

// Pieces that all records of S3 share. Data events write the bytes as floats,
// management events as integers; that is how AWS does it.
const (
	s3Host    = `<bucket>.s3.<region>.amazonaws.com`
	s3Bucket  = `[{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]`
	s3Object  = `[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::<bucket>/<key>"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]`
	s3Prefix  = `[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::<bucket>/"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]`
	s3About   = `{"bucketName":"<bucket>","Host":"` + s3Host + `",`
	s3Signed  = `{"SignatureVersion":"SigV4","CipherSuite":"<cipher>","bytesTransferredIn":`
	s3Header  = `,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"<hostid>","bytesTransferredOut":`
	s3Control = s3Signed + `0` + s3Header + `<n3>}`
	s3Out     = s3Signed + `0.0` + s3Header + `<size>.0}`
	s3In      = s3Signed + `<size>.0,"SSEApplied":"Default_SSE_S3"` + s3Header + `0.0}`
	s3Stored  = `{"x-amz-server-side-encryption":"AES256","x-amz-version-id":"<hex32>"}`
)

var s3APIs = []api{
	{name: "GetObject", by: app, weight: 340, data: true, request: s3About + `"key":"<key>"}`, resources: s3Object, extra: s3Out, fails: failure{2, "NoSuchKey", "The specified key does not exist."}},
	{name: "PutObject", by: app, weight: 170, data: true, request: s3About + `"key":"<key>"}`, response: s3Stored, resources: s3Object, extra: s3In},
	{name: "HeadObject", by: app, weight: 80, data: true, request: s3About + `"key":"<key>"}`, resources: s3Object, extra: s3Out, fails: failure{12, "NoSuchKey", "The specified key does not exist."}},
	{name: "ListObjects", by: app | staff, weight: 45, data: true, request: `{"list-type":"2","bucketName":"<bucket>","encoding-type":"url","prefix":"<app>/<part>/","delimiter":"/","Host":"` + s3Host + `"}`, resources: s3Prefix, extra: s3Out},
	{name: "DeleteObject", by: app, weight: 20, data: true, request: s3About + `"key":"<key>"}`, resources: s3Object, extra: s3Out},
	{name: "CopyObject", by: app, weight: 12, data: true, request: s3About + `"x-amz-copy-source":"<bucket+>/<key>","key":"<key>"}`, response: s3Stored, resources: s3Object, extra: s3In},
	{name: "CreateMultipartUpload", by: app, weight: 9, data: true, request: s3About + `"uploads":"","key":"<key>"}`, response: `{"x-amz-server-side-encryption":"AES256"}`, resources: s3Object, extra: s3In},
	{name: "UploadPart", by: app, weight: 22, data: true, request: s3About + `"uploadId":"<hex64><hex64>","partNumber":"<n2>","key":"<key>"}`, response: `{"x-amz-server-side-encryption":"AES256"}`, resources: s3Object, extra: s3In},
	{name: "CompleteMultipartUpload", by: app, weight: 9, data: true, request: s3About + `"uploadId":"<hex64><hex64>","key":"<key>"}`, response: s3Stored, resources: s3Object, extra: s3In},
	{name: "PutObject", by: aws, weight: 60, data: true, invokers: "cloudtrail delivery.logs logging.s3", request: `{"bucketName":"<bucket>","Host":"` + s3Host + `","key":"AWSLogs/<account>/CloudTrail/<region>/<date>/<account>_CloudTrail_<region>_<n8>T<n4>Z_<n16>.json.gz","x-amz-acl":"bucket-owner-full-control","x-amz-server-side-encryption":"AES256"}`, response: `{"x-amz-server-side-encryption":"AES256"}`, resources: s3Bucket, extra: s3In},
	{name: "GetBucketAcl", by: aws | linked | staff, weight: 70, invokers: "cloudtrail config delivery.logs", request: s3About + `"acl":""}`, resources: s3Bucket},
	{name: "GetBucketLocation", by: linked | staff | deploy, weight: 30, request: s3About + `"location":""}`, resources: s3Bucket},
	{name: "GetBucketPolicy", by: linked | staff | deploy, weight: 30, request: s3About + `"policy":""}`, resources: s3Bucket, fails: failure{45, "NoSuchBucketPolicy", "The bucket policy does not exist"}},
	{name: "GetBucketTagging", by: linked | deploy, weight: 26, request: s3About + `"tagging":""}`, resources: s3Bucket, fails: failure{25, "NoSuchTagSet", "The TagSet does not exist"}},
	{name: "GetBucketVersioning", by: linked | staff | deploy, weight: 25, request: s3About + `"versioning":""}`, resources: s3Bucket},
	{name: "GetBucketLogging", by: linked | deploy, weight: 25, request: s3About + `"logging":""}`, resources: s3Bucket},
	{name: "GetBucketCors", by: linked | deploy, weight: 25, request: s3About + `"cors":""}`, resources: s3Bucket, fails: failure{55, "NoSuchCORSConfiguration", "The CORS configuration does not exist"}},
	{name: "GetBucketWebsite", by: linked | deploy, weight: 25, request: s3About + `"website":""}`, resources: s3Bucket, fails: failure{70, "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"}},
	{name: "GetBucketLifecycle", by: linked | deploy, weight: 25, request: s3About + `"lifecycle":""}`, resources: s3Bucket, fails: failure{35, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"}},
	{name: "GetBucketReplication", by: linked | deploy, weight: 25, request: s3About + `"replication":""}`, resources: s3Bucket, fails: failure{65, "ReplicationConfigurationNotFoundError", "The replication configuration was not found"}},
	{name: "GetBucketEncryption", by: linked | staff | deploy, weight: 25, request: s3About + `"encryption":""}`, resources: s3Bucket},
	{name: "GetBucketNotification", by: linked | deploy, weight: 20, request: s3About + `"notification":""}`, resources: s3Bucket},
	{name: "GetBucketRequestPayment", by: linked | deploy, weight: 20, request: s3About + `"requestPayment":""}`, resources: s3Bucket},
	{name: "GetAccelerateConfiguration", by: linked | deploy, weight: 20, request: s3About + `"accelerate":""}`, resources: s3Bucket},
	{name: "GetBucketObjectLockConfiguration", by: linked | deploy, weight: 20, request: s3About + `"object-lock":""}`, resources: s3Bucket, fails: failure{60, "ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"}},
	{name: "GetBucketPublicAccessBlock", by: linked | staff | deploy, weight: 20, request: s3About + `"publicAccessBlock":""}`, resources: s3Bucket, fails: failure{15, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"}},
	{name: "GetBucketPolicyStatus", by: linked | console, weight: 12, request: s3About + `"policyStatus":""}`, resources: s3Bucket, fails: failure{40, "NoSuchBucketPolicy", "The bucket policy does not exist"}},
	{name: "GetBucketOwnershipControls", by: linked, weight: 8, request: s3About + `"ownershipControls":""}`, resources: s3Bucket},
	{name: "HeadBucket", by: app | tool | deploy, weight: 14, request: s3About + `"x-amz-expected-bucket-owner":"<account>"}`, resources: s3Bucket, fails: failure{5, "NoSuchBucket", "The specified bucket does not exist"}},
	{name: "ListBuckets", by: staff | linked | root, weight: 35, host: "s3.<region>.amazonaws.com", request: `{"Host":"s3.<region>.amazonaws.com"}`},
	{name: "ListAccessPoints", by: console | linked, weight: 6, host: "<account>.s3-control.<region>.amazonaws.com", request: `{"bucket":"<bucket>","maxResults":"1000","Host":"<account>.s3-control.<region>.amazonaws.com"}`},
	{name: "GetAccountPublicAccessBlock", by: console | linked, weight: 8, host: "<account>.s3-control.<region>.amazonaws.com", request: `{"publicAccessBlock":"","Host":"<account>.s3-control.<region>.amazonaws.com"}`},
	{name: "GetStorageLensConfiguration", by: console, weight: 4, host: "<account>.s3-control.<region>.amazonaws.com", request: `{"storageLensArn":"arn:aws:s3:<region>:<account>:storage-lens/default-account-dashboard","Host":"<account>.s3-control.<region>.amazonaws.com"}`},
	{name: "CreateBucket", by: deploy, weight: 1, request: `{"CreateBucketConfiguration":{"LocationConstraint":"<region>","xmlns":"http://s3.amazonaws.com/doc/2006-03-01/"},"bucketName":"<bucket>","Host":"` + s3Host + `"}`, resources: s3Bucket, fails: failure{20, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it."}},
	{name: "DeleteBucket", by: deploy, weight: 1, request: s3About + `"x-amz-expected-bucket-owner":"<account>"}`, resources: s3Bucket, fails: failure{30, "BucketNotEmpty", "The bucket you tried to delete is not empty"}},
	{name: "PutBucketPolicy", by: deploy | console, weight: 2, resources: s3Bucket, request: `{"bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"DenyPlainHTTP","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::<bucket>","arn:aws:s3:::<bucket>/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},{"Sid":"AllowRole","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::<account>:role/<role>"},"Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::<bucket>/*"}]},"bucketName":"<bucket>","Host":"` + s3Host + `","policy":""}`},
	{name: "PutBucketTagging", by: deploy, weight: 2, resources: s3Bucket, request: `{"tagging":"","bucketName":"<bucket>","Tagging":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","TagSet":{"Tag":[{"Key":"team","Value":"<app>"},{"Key":"managed-by","Value":"terraform"}]}},"Host":"` + s3Host + `"}`},
	{name: "PutBucketLifecycle", by: deploy, weight: 1, resources: s3Bucket, request: `{"lifecycle":"","bucketName":"<bucket>","LifecycleConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","Rule":{"ID":"expire-<part>","Status":"Enabled","Filter":{"Prefix":"<part>/"},"Expiration":{"Days":<n2>}}},"Host":"` + s3Host + `"}`},
	{name: "PutBucketEncryption", by: deploy, weight: 1, resources: s3Bucket, request: s3About + `"encryption":"","ServerSideEncryptionConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","Rule":{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"},"BucketKeyEnabled":true}}}`},
	{name: "PutBucketPublicAccessBlock", by: deploy | console, weight: 1, resources: s3Bucket, request: s3About + `"publicAccessBlock":"","PublicAccessBlockConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","RestrictPublicBuckets":true,"BlockPublicPolicy":true,"BlockPublicAcls":true,"IgnorePublicAcls":true}}`},
	{name: "DeleteBucketPolicy", by: deploy, weight: 1, request: s3About + `"policy":""}`, resources: s3Bucket},
}

const (
	kmsKey    = `[{"accountId":"<account>","type":"AWS::KMS::Key","ARN":"arn:aws:kms:<region>:<account>:key/<kms>"}]`
	kmsCipher = `"encryptionAlgorithm":"SYMMETRIC_DEFAULT"`
)

var kmsAPIs = []api{
	{name: "Decrypt", by: app, weight: 90, request: `{"encryptionContext":{"aws:lambda:FunctionArn":"arn:aws:lambda:<region>:<account>:function:<function>"},` + kmsCipher + `}`, resources: kmsKey},
	{name: "Decrypt", by: aws, weight: 70, invokers: "lambda", request: `{"encryptionContext":{"aws:lambda:FunctionArn":"arn:aws:lambda:<region>:<account>:function:<function>"},` + kmsCipher + `}`, resources: kmsKey},
	{name: "Decrypt", by: aws, weight: 50, invokers: "dynamodb", request: `{"encryptionContext":{"aws:dynamodb:subscriberId":"<account>","aws:dynamodb:tableName":"<table>"},` + kmsCipher + `}`, resources: kmsKey},
	{name: "Decrypt", by: aws, weight: 30, invokers: "ec2", request: `{"encryptionContext":{"aws:ebs:id":"<volume>"},` + kmsCipher + `}`, resources: kmsKey},
	{name: "Decrypt", by: aws, weight: 50, invokers: "ssm", request: `{"encryptionContext":{"PARAMETER_ARN":"arn:aws:ssm:<region>:<account>:parameter<param>"},` + kmsCipher + `}`, resources: kmsKey},
	{name: "GenerateDataKey", by: aws, weight: 210, invokers: "s3 sqs cloudtrail logs", request: `{"keyId":"arn:aws:kms:<region>:<account>:key/<kms>","keySpec":"AES_256","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::<bucket>"}}`, resources: kmsKey},
	{name: "GenerateDataKey", by: app, weight: 30, request: `{"keyId":"arn:aws:kms:<region>:<account>:key/<kms>","encryptionContext":{"SecretARN":"arn:aws:secretsmanager:<region>:<account>:secret:<secret>","SecretVersionId":"<uuid>"},"keySpec":"AES_256"}`, resources: kmsKey},
	{name: "GenerateDataKeyWithoutPlaintext", by: aws, weight: 30, invokers: "ec2", request: `{"keyId":"arn:aws:kms:<region>:<account>:key/<kms>","numberOfBytes":64,"encryptionContext":{"aws:ebs:id":"<volume>"}}`, resources: kmsKey},
	{name: "CreateGrant", by: linked | aws, weight: 16, invokers: "ec2 autoscaling", request: `{"keyId":"arn:aws:kms:<region>:<account>:key/<kms>","granteePrincipal":"ec2.<region>.amazonaws.com","operations":["Decrypt","GenerateDataKeyWithoutPlaintext"],"constraints":{"encryptionContextSubset":{"aws:ebs:id":"<volume>"}},"retiringPrincipal":"ec2.<region>.amazonaws.com"}`, response: `{"grantId":"<hex64>","keyId":"arn:aws:kms:<region>:<account>:key/<kms>"}`, resources: kmsKey},
	{name: "RetireGrant", by: aws, weight: 12, invokers: "ec2", response: `{"keyId":"arn:aws:kms:<region>:<account>:key/<kms>"}`, extra: `{"grantId":"<hex64>"}`, resources: kmsKey},
	{name: "Encrypt", by: app, weight: 10, request: `{"keyId":"alias/<app>","encryptionContext":{"tenant":"<n5>"},` + kmsCipher + `}`, resources: kmsKey},
	{name: "Sign", by: app, weight: 6, request: `{"keyId":"alias/<app>-signing","messageType":"DIGEST","signingAlgorithm":"ECDSA_SHA_256"}`, resources: kmsKey},
	{name: "DescribeKey", by: anyone | linked | aws, weight: 18, invokers: "rds ec2", request: `{"keyId":"arn:aws:kms:<region>:<account>:key/<kms>"}`, resources: kmsKey},
	{name: "GetKeyPolicy", by: linked | staff | deploy, weight: 8, request: `{"keyId":"<kms>","policyName":"default"}`, resources: kmsKey},
	{name: "GetKeyRotationStatus", by: linked | deploy, weight: 10, request: `{"keyId":"<kms>"}`, resources: kmsKey},
	{name: "ListAliases", by: staff | linked, weight: 10, request: `{"limit":100}`},
	{name: "ListKeys", by: staff | linked, weight: 6, request: `{"limit":1000}`},
	{name: "ListResourceTags", by: linked | deploy, weight: 8, request: `{"keyId":"<kms>"}`, resources: kmsKey},
	{name: "ScheduleKeyDeletion", by: console, weight: 1, request: `{"keyId":"<kms>","pendingWindowInDays":30}`, response: `{"keyId":"arn:aws:kms:<region>:<account>:key/<kms>","deletionDate":"<when>","keyState":"PendingDeletion","pendingWindowInDays":30}`, resources: kmsKey},
	{name: "RotateKey", by: aws, weight: 1, event: true, invokers: "kms", details: `{"rotationType":"AUTOMATIC","keyId":"<kms>"}`, resources: kmsKey},
}

var ecrAPIs = []api{
	{name: "GetAuthorizationToken", by: app | deploy | tool, weight: 24},
	{name: "BatchGetImage", by: app | aws, weight: 34, invokers: "ecs lambda", request: `{"registryId":"<account>","repositoryName":"<repo>","imageIds":[{"imageDigest":"<digest>"}],"acceptedMediaTypes":["application/vnd.docker.distribution.manifest.v2+json","application/vnd.oci.image.manifest.v1+json"]}`, resources: `[{"accountId":"<account>","ARN":"arn:aws:ecr:<region>:<account>:repository/<repo>"}]`},
	{name: "GetDownloadUrlForLayer", by: app, weight: 40, request: `{"registryId":"<account>","repositoryName":"<repo>","layerDigest":"sha256:<hex64>"}`, resources: `[{"accountId":"<account>","ARN":"arn:aws:ecr:<region>:<account>:repository/<repo>"}]`},
	{name: "BatchCheckLayerAvailability", by: deploy, weight: 24, request: `{"registryId":"<account>","repositoryName":"<repo>","layerDigests":["sha256:<hex64>"]}`},
	{name: "InitiateLayerUpload", by: deploy, weight: 8, request: `{"registryId":"<account>","repositoryName":"<repo>"}`, response: `{"uploadId":"<uuid>","partSize":10485760}`},
	{name: "CompleteLayerUpload", by: deploy, weight: 8, request: `{"registryId":"<account>","repositoryName":"<repo>","uploadId":"<uuid>","layerDigests":["<digest>"]}`, response: `{"registryId":"<account>","repositoryName":"<repo>","layerDigest":"<digest>"}`},
	{name: "PutImage", by: deploy, weight: 5, request: `{"registryId":"<account>","repositoryName":"<repo>","imageManifest":"{\n  \"schemaVersion\": 2,\n  \"mediaType\": \"application/vnd.oci.image.manifest.v1+json\",\n  \"config\": {\n    \"size\": <n4>,\n    \"digest\": \"sha256:<hex64>\"\n  }\n}","imageTag":"main-<serial>"}`, response: `{"image":{"registryId":"<account>","repositoryName":"<repo>","imageId":{"imageDigest":"<digest>","imageTag":"main-<serial>"}}}`},
	{name: "DescribeImages", by: staff | linked, weight: 6, request: `{"repositoryName":"<repo>","maxResults":100,"filter":{"tagStatus":"TAGGED"}}`},
	{name: "DescribeRepositories", by: anyone | linked, weight: 8, request: `{"maxResults":1000}`},
	{name: "DescribeImageScanFindings", by: console, weight: 2, request: `{"repositoryName":"<repo>","imageId":{"imageDigest":"<digest>"}}`, fails: failure{10, "ScanNotFoundException", "Image scan does not exist for the image"}},
}
