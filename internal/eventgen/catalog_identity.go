package eventgen

// iamRole is what IAM answers when it shows a role.
const (
	iamRole  = `{"role":{"path":"/","roleName":"<role>","roleId":"<roleid>","arn":"arn:aws:iam::<account>:role/<role>","createDate":"<when>","assumeRolePolicyDocument":"` + iamTrust + `","tags":[{"key":"team","value":"<app>"}]}}`
	iamTrust = `%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D`
	iamDoc   = `{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": [\n        \"s3:GetObject\",\n        \"s3:PutObject\"\n      ],\n      \"Resource\": \"arn:aws:s3:::<bucket>/*\"\n    }\n  ]\n}`
)

var iamAPIs = []api{
	{name: "GetRole", by: deploy | console | linked, weight: 60, request: `{"roleName":"<role>"}`, fails: failure{3, "NoSuchEntityException", "The role with name <role> cannot be found."}},
	{name: "ListAttachedRolePolicies", by: deploy | console | linked, weight: 45, request: `{"roleName":"<role>"}`},
	{name: "ListRolePolicies", by: deploy | console | linked, weight: 45, request: `{"roleName":"<role>"}`},
	{name: "GetPolicyVersion", by: deploy | console | linked, weight: 24, request: `{"policyArn":"arn:aws:iam::<account>:policy/<policy>","versionId":"v<n1>"}`},
	{name: "GetPolicy", by: deploy | console | linked, weight: 24, request: `{"policyArn":"arn:aws:iam::<account>:policy/<policy>"}`},
	{name: "GetRolePolicy", by: deploy | linked, weight: 20, request: `{"roleName":"<role>","policyName":"<policy>"}`, fails: failure{5, "NoSuchEntityException", "The role policy with name <policy> cannot be found."}},
	{name: "GetInstanceProfile", by: deploy | linked, weight: 14, request: `{"instanceProfileName":"<app>-ec2"}`},
	{name: "GetUser", by: staff | deploy, weight: 14, request: `{"userName":"<user>"}`},
	{name: "ListUsers", by: staff | linked, weight: 10, request: `{"maxItems":100}`},
	{name: "ListRoles", by: console | linked, weight: 22, request: `{"maxItems":1000}`},
	{name: "ListPolicies", by: console, weight: 10, request: `{"scope":"Local","onlyAttached":false,"maxItems":1000}`},
	{name: "ListAccessKeys", by: console | linked, weight: 10, request: `{"userName":"<user>"}`},
	{name: "GetAccessKeyLastUsed", by: console | linked, weight: 8, request: `{"accessKeyId":"AKIAFJEXAMPLE<n7>"}`},
	{name: "ListMFADevices", by: console | linked, weight: 10, request: `{"userName":"<user>"}`},
	{name: "GetLoginProfile", by: console, weight: 4, request: `{"userName":"<user>"}`, fails: failure{40, "NoSuchEntityException", "Login Profile for User <user> cannot be found."}},
	{name: "ListGroupsForUser", by: console | linked, weight: 5, request: `{"userName":"<user>"}`},
	{name: "ListInstanceProfilesForRole", by: deploy, weight: 8, request: `{"roleName":"<role>"}`},
	{name: "GetAccountSummary", by: console | linked | root, weight: 8},
	{name: "GetAccountPasswordPolicy", by: console | linked, weight: 4, fails: failure{20, "NoSuchEntityException", "The Password Policy with domain name <account> cannot be found."}},
	{name: "GetAccountAuthorizationDetails", by: linked, weight: 5, request: `{"filter":["User","Role","Group","LocalManagedPolicy"],"maxItems":100}`},
	{name: "GenerateCredentialReport", by: linked, weight: 5},
	{name: "GetCredentialReport", by: linked, weight: 5, fails: failure{10, "CredentialReportNotReadyException", "Credential report is still being generated."}},
	{name: "ListVirtualMFADevices", by: console | linked | root, weight: 4},
	{name: "CreateRole", by: deploy, weight: 2, request: `{"path":"/","roleName":"<role>","assumeRolePolicyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}","maxSessionDuration":3600,"tags":[{"key":"team","value":"<app>"}]}`, response: iamRole},
	{name: "DeleteRole", by: deploy, weight: 1, request: `{"roleName":"<role>"}`, fails: failure{15, "DeleteConflictException", "Cannot delete entity, must detach all policies first."}},
	{name: "AttachRolePolicy", by: deploy, weight: 3, request: `{"roleName":"<role>","policyArn":"arn:aws:iam::<account>:policy/<policy>"}`},
	{name: "DetachRolePolicy", by: deploy, weight: 1, request: `{"roleName":"<role>","policyArn":"arn:aws:iam::<account>:policy/<policy>"}`},
	{name: "PutRolePolicy", by: deploy, weight: 3, request: `{"roleName":"<role>","policyName":"<policy>","policyDocument":"` + iamDoc + `"}`},
	{name: "CreatePolicy", by: deploy, weight: 1, request: `{"policyName":"<policy>","path":"/","policyDocument":"` + iamDoc + `"}`, response: `{"policy":{"policyName":"<policy>","policyId":"ANPAEXAMPLE<n9>","arn":"arn:aws:iam::<account>:policy/<policy>","path":"/","defaultVersionId":"v1","attachmentCount":0,"permissionsBoundaryUsageCount":0,"isAttachable":true,"createDate":"<when>","updateDate":"<when>"}}`},
	{name: "CreatePolicyVersion", by: deploy, weight: 2, request: `{"policyArn":"arn:aws:iam::<account>:policy/<policy>","policyDocument":"` + iamDoc + `","setAsDefault":true}`, response: `{"policyVersion":{"versionId":"v<n1>","isDefaultVersion":true,"createDate":"<when>"}}`},
	{name: "PassRole", by: console, weight: 1, request: `{"roleName":"<role>"}`},
	{name: "CreateServiceLinkedRole", by: deploy, weight: 1, request: `{"aWSServiceName":"ecs.amazonaws.com"}`, fails: failure{80, "InvalidInputException", "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix."}},
	{name: "CreateAccessKey", by: console, weight: 1, request: `{"userName":"<user>"}`, response: `{"accessKey":{"userName":"<user>","accessKeyId":"AKIAFJEXAMPLE<n7>","status":"Active","createDate":"<when>"}}`},
	{name: "DeleteAccessKey", by: console, weight: 1, request: `{"userName":"<user>","accessKeyId":"AKIAFJEXAMPLE<n7>"}`},
	{name: "AttachUserPolicy", by: console, weight: 1, request: `{"userName":"<user>","policyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}`},
	{name: "DetachUserPolicy", by: console, weight: 1, request: `{"userName":"<user>","policyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}`},
	{name: "CreateUser"}, {name: "DeleteLoginProfile"}, {name: "ListAttachedUserPolicies"},
	{name: "UpdateAccessKey", by: console, weight: 1, request: `{"userName":"<user>","status":"Inactive","accessKeyId":"AKIAFJEXAMPLE<n7>"}`},
	{name: "ChangePassword", by: console, weight: 1, fails: failure{30, "PasswordPolicyViolationException", "Password does not conform to the account password policy."}},
}

// stsRole is what STS answers; the token is the bulk of it.
const (
	stsRole      = `{"credentials":{"accessKeyId":"<akid>","sessionToken":"<token>","expiration":"<later>"},"assumedRoleUser":{"assumedRoleId":"<roleid>:<app>-<serial>","arn":"arn:aws:sts::<account>:assumed-role/<role>/<app>-<serial>"}}`
	stsResources = `[{"accountId":"<account>","type":"AWS::IAM::Role","ARN":"arn:aws:iam::<account>:role/<role>"}]`
)

var stsAPIs = []api{
	{name: "AssumeRole", by: aws, weight: 170, invokers: "lambda ec2 ecs-tasks config events states autoscaling rds delivery.logs", request: `{"roleArn":"arn:aws:iam::<account>:role/<role>","roleSessionName":"<app>-<serial>","durationSeconds":3600}`, response: stsRole, resources: stsResources},
	{name: "AssumeRole", by: app | tool | deploy, weight: 26, request: `{"roleArn":"arn:aws:iam::<account>:role/<role>","roleSessionName":"<app>-<serial>","externalId":"fjordbyte-<n4>","durationSeconds":3600}`, response: stsRole, resources: stsResources},
	{name: "AssumeRole", by: aws, weight: 14, invokers: "other-account", request: `{"roleArn":"arn:aws:iam::<account>:role/<role>","roleSessionName":"<app>-<serial>","externalId":"<uuid>","durationSeconds":900}`, response: stsRole, resources: stsResources},
	{name: "GetCallerIdentity", by: tool | deploy | app, weight: 26},
	{name: "GetSessionToken", by: tool, weight: 3, request: `{"serialNumber":"arn:aws:iam::<account>:mfa/<user>","durationSeconds":43200}`, response: `{"credentials":{"accessKeyId":"<akid>","sessionToken":"<token>","expiration":"<later>"}}`},
	{name: "DecodeAuthorizationMessage", by: tool, weight: 1, request: `{"encodedMessage":"<token>"}`},
	{name: "AssumeRoleWithWebIdentity", by: aws, weight: 36, invokers: "web-identity", request: `{"roleArn":"arn:aws:iam::<account>:role/<role>","roleSessionName":"<app>-<serial>","durationSeconds":3600}`, response: `{"credentials":{"accessKeyId":"<akid>","sessionToken":"<token>","expiration":"<later>"},"subjectFromWebIdentityToken":"system:serviceaccount:<app>:<app>-<part>","assumedRoleUser":{"assumedRoleId":"<roleid>:<app>-<serial>","arn":"arn:aws:sts::<account>:assumed-role/<role>/<app>-<serial>"},"provider":"arn:aws:iam::<account>:oidc-provider/oidc.eks.<region>.amazonaws.com/id/<detector>","audience":"sts.amazonaws.com"}`, resources: stsResources},
}

var signInAPIs = []api{
	{name: "ConsoleLogin", by: console | root, weight: 40, signIn: true, response: `{"ConsoleLogin":"Success"}`, extra: `{"LoginTo":"https://console.aws.amazon.com/console/home?region=<region>","MobileVersion":"No","MFAUsed":"Yes"}`},
	{name: "ConsoleLogin", by: console, weight: 5, signIn: true, response: `{"ConsoleLogin":"Failure"}`, extra: `{"LoginTo":"https://console.aws.amazon.com/console/home?region=<region>","MobileVersion":"No","MFAUsed":"No"}`, fails: failure{100, "", "Failed authentication"}},
	{name: "CheckMfa", by: console, weight: 16, signIn: true, response: `{"CheckMfa":"Success"}`, extra: `{"MfaType":"Virtual MFA"}`},
	{name: "SwitchRole", by: console, weight: 3, signIn: true, response: `{"SwitchRole":"Success"}`, extra: `{"SwitchFrom":"<arn>","RedirectTo":"https://console.aws.amazon.com/console/home"}`},
}

var organizationsAPIs = []api{
	{name: "DescribeOrganization", by: staff | linked, weight: 10},
	{name: "ListAccounts", by: staff | linked, weight: 8},
	{name: "ListDelegatedAdministrators", by: linked | console, weight: 3, fails: failure{30, "AccessDeniedException", "You don't have permissions to access this resource."}},
	{name: "ListPoliciesForTarget", by: linked, weight: 2, request: `{"targetId":"<account>","filter":"SERVICE_CONTROL_POLICY"}`},
}

var ssoAPIs = []api{
	{name: "ListInstances", by: staff, weight: 3},
	{name: "DescribePermissionSet", by: staff, weight: 2, request: `{"instanceArn":"arn:aws:sso:::instance/ssoins-<hex16>","permissionSetArn":"arn:aws:sso:::permissionSet/ssoins-<hex16>/ps-<hex16>"}`},
	{name: "ListAccountAssignments", by: staff, weight: 2, request: `{"instanceArn":"arn:aws:sso:::instance/ssoins-<hex16>","accountId":"<account>","permissionSetArn":"arn:aws:sso:::permissionSet/ssoins-<hex16>/ps-<hex16>"}`},
}
