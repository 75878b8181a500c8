package eventgen

// Pieces that many EC2 records share.
const (
	ec2Done    = `{"requestId":"<requestid>","_return":true}`
	ec2Tags    = `"tagSet":{"items":[{"key":"Name","value":"<app>-<part>-<env>"},{"key":"team","value":"<app>"},{"key":"cost-center","value":"<n4>"}]}`
	ec2TagSpec = `"tags":[{"key":"Name","value":"<app>-<part>-<env>"},{"key":"team","value":"<app>"},{"key":"managed-by","value":"terraform"}]`
	byVPC      = `"filterSet":{"items":[{"name":"vpc-id","valueSet":{"items":[{"value":"<vpc>"}]}}]}`
	// ec2Rules is one rule of a security group, from inside the company.
	ec2Rules = `"ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":5432,"toPort":5432,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.20.0.0/16","description":"from <app>"}]},"ipv6Ranges":{},"prefixListIds":{}}]}`
)

// ec2Instance is the long answer to RunInstances.
const ec2Instance = `{"instanceId":"<instance>","imageId":"<image>","currentInstanceBootMode":"legacy-bios","instanceState":{"code":0,"name":"pending"},` +
	`"privateDnsName":"ip-10-20-14-<n2>.<region>.compute.internal","keyName":"<keypair>","amiLaunchIndex":0,"productCodes":{},"instanceType":"m6i.large","launchTime":<ms>,` +
	`"placement":{"availabilityZone":"<az>","tenancy":"default"},"monitoring":{"state":"pending"},"subnetId":"<subnet>","vpcId":"<vpc>","privateIpAddress":"<ip10>",` +
	`"stateReason":{"code":"pending","message":"pending"},"architecture":"x86_64","rootDeviceType":"ebs","rootDeviceName":"/dev/xvda","blockDeviceMapping":{},` +
	`"virtualizationType":"hvm","hypervisor":"xen",` + ec2Tags + `,"clientToken":"<uid>","groupSet":{"items":[{"groupId":"<sg>","groupName":"<app>-<part>"}]},"sourceDestCheck":true,` +
	`"networkInterfaceSet":{"items":[{"networkInterfaceId":"<eni>","subnetId":"<subnet>","vpcId":"<vpc>","ownerId":"<account>","status":"in-use","macAddress":"<mac>","privateIpAddress":"<ip10>",` +
	`"sourceDestCheck":true,"interfaceType":"interface","groupSet":{"items":[{"groupId":"<sg>","groupName":"<app>-<part>"}]},"attachment":{"attachmentId":"eni-attach-0<hex16>","deviceIndex":0,"networkCardIndex":0,"status":"attaching","attachTime":<ms>,"deleteOnTermination":true},` +
	`"privateIpAddressesSet":{"item":[{"privateIpAddress":"<ip10>","primary":true}]},"ipv6AddressesSet":{},"tagSet":{}}]},"iamInstanceProfile":{"arn":"arn:aws:iam::<account>:instance-profile/<app>-ec2","id":"AIPAEXAMPLE<n9>"},` +
	`"ebsOptimized":true,"enaSupport":true,"cpuOptions":{"coreCount":1,"threadsPerCore":2},"capacityReservationSpecification":{"capacityReservationPreference":"open"},"enclaveOptions":{"enabled":false},` +
	`"metadataOptions":{"state":"pending","httpTokens":"required","httpPutResponseHopLimit":2,"httpEndpoint":"enabled","httpProtocolIpv4":"enabled","httpProtocolIpv6":"disabled","instanceMetadataTags":"disabled"}}`

var ec2APIs = []api{
	{name: "DescribeInstances", by: anyone | app | linked, weight: 90, request: `{"maxResults":1000,"instancesSet":{},"filterSet":{"items":[{"name":"instance-state-name","valueSet":{"items":[{"value":"running"}]}},{"name":"tag:team","valueSet":{"items":[{"value":"<app>"}]}}]}}`},
	{name: "DescribeInstanceStatus", by: staff | linked, weight: 60, request: `{"instancesSet":{"items":[{"instanceId":"<instance>"},{"instanceId":"<instance+>"},{"instanceId":"<instance+>"}]},"filterSet":{},"includeAllInstances":true}`},
	{name: "DescribeSecurityGroups", by: anyone | linked, weight: 55, request: `{"maxResults":1000,"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"<sg>"}]},"filterSet":{}}`, fails: failure{2, "Client.InvalidGroup.NotFound", "The security group '<sg>' does not exist"}},
	{name: "DescribeVolumes", by: staff | linked, weight: 50, request: `{"volumeSet":{"items":[{"volumeId":"<volume>"},{"volumeId":"<volume+>"}]},"filterSet":{}}`},
	{name: "DescribeSubnets", by: anyone | linked, weight: 46, request: `{"subnetSet":{"items":[{"subnetId":"<subnet>"},{"subnetId":"<subnet+>"}]},"filterSet":{}}`},
	{name: "DescribeNetworkInterfaces", by: anyone | linked | app, weight: 44, request: `{"networkInterfaceIdSet":{},"filterSet":{"items":[{"name":"group-id","valueSet":{"items":[{"value":"<sg>"}]}},{"name":"vpc-id","valueSet":{"items":[{"value":"<vpc>"}]}}]}}`},
	{name: "DescribeVpcs", by: anyone | linked, weight: 42, request: `{"vpcSet":{"items":[{"vpcId":"<vpc>"}]},"filterSet":{}}`},
	{name: "DescribeTags", by: staff | app, weight: 30, request: `{"maxResults":1000,"filterSet":{"items":[{"name":"resource-id","valueSet":{"items":[{"value":"<instance>"}]}}]}}`},
	{name: "DescribeImages", by: anyone, weight: 22, request: `{"imagesSet":{"items":[{"imageId":"<image>"}]},"ownersSet":{},"executableBySet":{},"filterSet":{}}`},
	{name: "DescribeRouteTables", by: anyone | linked, weight: 22, request: `{"routeTableIdSet":{"items":[{"routeTableId":"<rtb>"}]},"filterSet":{}}`, fails: failure{3, "Client.InvalidRouteTableID.NotFound", "The routeTable ID '<rtb>' does not exist"}},
	{name: "DescribeSnapshots", by: staff | linked, weight: 20, request: `{"maxResults":1000,"sharedUsersSet":{},"ownersSet":{"items":[{"owner":"self"}]},"snapshotSet":{},"filterSet":{}}`},
	{name: "DescribeAvailabilityZones", by: anyone | linked, weight: 20, request: `{"availabilityZoneSet":{},"availabilityZoneIdSet":{},"filterSet":{"items":[{"name":"state","valueSet":{"items":[{"value":"available"}]}}]}}`},
	{name: "DescribeRegions", by: staff | app, weight: 18, request: `{"regionSet":{},"allRegions":true,"filterSet":{}}`},
	{name: "DescribeAddresses", by: staff | linked, weight: 16, request: `{"publicIpsSet":{},"filterSet":{},"allocationIdsSet":{"items":[{"allocationId":"<eip>"}]}}`},
	{name: "DescribeNatGateways", by: anyone, weight: 14, request: `{"DescribeNatGatewaysRequest":{"NatGatewayId":{"tag":1,"content":"<nat>"},"MaxResults":1000}}`},
	{name: "DescribeVpcAttribute", by: deploy, weight: 30, request: `{"vpcId":"<vpc>","attribute":"enableDnsSupport"}`},
	{name: "DescribeInternetGateways", by: anyone, weight: 12, request: `{"internetGatewayIdSet":{"items":[{"internetGatewayId":"<igw>"}]},"filterSet":{}}`, fails: failure{4, "Client.InvalidInternetGatewayID.NotFound", "The internetGateway ID '<igw>' does not exist"}},
	{name: "DescribeNetworkAcls", by: anyone | linked, weight: 11, request: `{"networkAclIdSet":{"items":[{"networkAclId":"<acl>"}]},` + byVPC + `}`},
	{name: "DescribeLaunchTemplateVersions", by: anyone | linked, weight: 11, request: `{"DescribeLaunchTemplateVersionsRequest":{"LaunchTemplateId":"<lt>","LaunchTemplateVersion":{"tag":1,"content":"$Latest"}}}`},
	{name: "DescribeLaunchTemplates", by: anyone, weight: 8, request: `{"DescribeLaunchTemplatesRequest":{"LaunchTemplateId":{"tag":1,"content":"<lt>"}}}`},
	{name: "DescribeVpcEndpoints", by: anyone, weight: 8, request: `{"DescribeVpcEndpointsRequest":{"VpcEndpointId":{"tag":1,"content":"<vpce>"}}}`},
	{name: "DescribeInstanceAttribute", by: anyone, weight: 8, request: `{"instanceId":"<instance>","attribute":"userData"}`},
	{name: "DescribeInstanceTypes", by: anyone | linked, weight: 8, request: `{"DescribeInstanceTypesRequest":{"InstanceType":[{"tag":1,"content":"m6i.large"},{"tag":2,"content":"c7g.xlarge"}]}}`},
	{name: "DescribeKeyPairs", by: staff, weight: 6, request: `{"keySet":{"items":[{"keyName":"<keypair>"}]},"filterSet":{}}`},
	{name: "DescribeFlowLogs", by: staff | linked, weight: 6, request: `{"DescribeFlowLogsRequest":{"Filter":{"tag":1,"Name":"resource-id","Value":{"tag":1,"content":"<vpc>"}}}}`},
	{name: "DescribeAccountAttributes", by: anyone | linked, weight: 6, request: `{"accountAttributeNameSet":{"items":[{"attributeName":"supported-platforms"}]},"filterSet":{}}`},
	{name: "GetConsoleOutput", by: staff, weight: 3, request: `{"instanceId":"<instance>"}`},
	{name: "GetPasswordData", by: staff, weight: 1, request: `{"instanceId":"<instance>"}`},
	{name: "RunInstances", by: deploy | linked | console, weight: 8, fails: failure{6, "Server.InsufficientInstanceCapacity", "We currently do not have sufficient m6i.large capacity in the Availability Zone you requested (<az>)."},
		request:  `{"instancesSet":{"items":[{"imageId":"<image>","minCount":1,"maxCount":1,"keyName":"<keypair>"}]},"groupSet":{"items":[{"groupId":"<sg>"}]},"instanceType":"m6i.large","blockDeviceMapping":{"items":[{"deviceName":"/dev/xvda","ebs":{"volumeSize":40,"deleteOnTermination":true,"volumeType":"gp3","encrypted":true}}]},"monitoring":{"enabled":true},"disableApiTermination":false,"disableApiStop":false,"clientToken":"<uid>","subnetId":"<subnet>","iamInstanceProfile":{"name":"<app>-ec2"},"ebsOptimized":true,"tagSpecificationSet":{"items":[{"resourceType":"instance",` + ec2TagSpec + `}]},"metadataOptions":{"httpTokens":"required","httpPutResponseHopLimit":2}}`,
		response: `{"requestId":"<requestid>","reservationId":"r-0<hex16>","ownerId":"<account>","groupSet":{},"instancesSet":{"items":[` + ec2Instance + `]}}`},
	{name: "TerminateInstances", by: deploy | linked | staff, weight: 6, request: `{"instancesSet":{"items":[{"instanceId":"<instance>"}]}}`, response: `{"requestId":"<requestid>","instancesSet":{"items":[{"instanceId":"<instance>","currentState":{"code":32,"name":"shutting-down"},"previousState":{"code":16,"name":"running"}}]}}`},
	{name: "StartInstances", by: staff, weight: 4, request: `{"instancesSet":{"items":[{"instanceId":"<instance>"}]}}`, response: `{"requestId":"<requestid>","instancesSet":{"items":[{"instanceId":"<instance>","currentState":{"code":0,"name":"pending"},"previousState":{"code":80,"name":"stopped"}}]}}`},
	{name: "StopInstances", by: staff, weight: 4, request: `{"instancesSet":{"items":[{"instanceId":"<instance>"}]},"force":false}`, response: `{"requestId":"<requestid>","instancesSet":{"items":[{"instanceId":"<instance>","currentState":{"code":64,"name":"stopping"},"previousState":{"code":16,"name":"running"}}]}}`},
	{name: "RebootInstances", by: staff, weight: 2, request: `{"instancesSet":{"items":[{"instanceId":"<instance>"}]}}`, response: ec2Done},
	{name: "CreateTags", by: anyone | linked, weight: 20, request: `{"resourcesSet":{"items":[{"resourceId":"<eni>"}]},` + ec2Tags + `}`, response: ec2Done},
	{name: "DeleteTags", by: anyone, weight: 2, request: `{"resourcesSet":{"items":[{"resourceId":"<volume>"}]},"tagSet":{"items":[{"key":"temporary"}]}}`, response: ec2Done},
	{name: "CreateNetworkInterface", by: linked, weight: 22, request: `{"subnetId":"<subnet>","description":"AWS Lambda VPC ENI-<function>-<uid>","groupSet":{"items":[{"groupId":"<sg>"}]},"privateIpAddressesSet":{},"clientToken":"<uid>"}`,
		response: `{"requestId":"<requestid>","networkInterface":{"networkInterfaceId":"<eni>","subnetId":"<subnet>","vpcId":"<vpc>","availabilityZone":"<az>","description":"AWS Lambda VPC ENI-<function>-<uid>","ownerId":"<account>","requesterId":"<roleid>:<n18>","requesterManaged":false,"status":"pending","macAddress":"<mac>","privateIpAddress":"<ip10>","sourceDestCheck":true,"interfaceType":"lambda","groupSet":{"items":[{"groupId":"<sg>","groupName":"<app>-<part>"}]},"privateIpAddressesSet":{"item":[{"privateIpAddress":"<ip10>","primary":true}]},"ipv6AddressesSet":{},"tagSet":{}}}`},
	{name: "DeleteNetworkInterface", by: linked, weight: 18, request: `{"networkInterfaceId":"<eni>"}`, response: ec2Done, fails: failure{8, "Client.InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '<eni>' does not exist"}},
	{name: "CreateVolume", by: linked | deploy, weight: 6, request: `{"size":"100","zone":"<az>","volumeType":"gp3","encrypted":true,"tagSpecificationSet":{"items":[{"resourceType":"volume",` + ec2TagSpec + `}]},"clientToken":"<UUID>"}`,
		response: `{"requestId":"<requestid>","volumeId":"<volume>","size":"100","zone":"<az>","status":"creating","createTime":<ms>,"volumeType":"gp3","iops":3000,"encrypted":true,"kmsKeyId":"arn:aws:kms:<region>:<account>:key/<kms>",` + ec2Tags + `,"multiAttachEnabled":false,"throughput":125}`},
	{name: "AttachVolume", by: linked, weight: 6, request: `{"volumeId":"<volume>","instanceId":"<instance>","device":"/dev/xvdba","deleteOnTermination":false}`, response: `{"requestId":"<requestid>","volumeId":"<volume>","instanceId":"<instance>","device":"/dev/xvdba","status":"attaching","attachTime":<ms>,"deleteOnTermination":false}`},
	{name: "DetachVolume", by: linked, weight: 6, request: `{"volumeId":"<volume>","instanceId":"<instance>","force":false}`, response: `{"requestId":"<requestid>","volumeId":"<volume>","instanceId":"<instance>","device":"/dev/xvdba","status":"detaching","attachTime":<ms>,"deleteOnTermination":false}`},
	{name: "CreateSnapshot", by: linked | deploy, weight: 14, request: `{"volumeId":"<volume>","description":"nightly <volume>","tagSpecificationSet":{"items":[{"resourceType":"snapshot",` + ec2TagSpec + `}]}}`,
		response: `{"requestId":"<requestid>","snapshotId":"<snapshot>","volumeId":"<volume>","status":"pending","startTime":<ms>,"ownerId":"<account>","volumeSize":"<n2>","description":"nightly <volume>","encrypted":true,` + ec2Tags + `}`},
	{name: "DeleteSnapshot", by: linked | deploy, weight: 12, request: `{"snapshotId":"<snapshot>"}`, response: ec2Done, fails: failure{5, "Client.InvalidSnapshot.InUse", "The snapshot <snapshot> is currently in use by <image>"}},
	{name: "ModifySnapshotAttribute", by: tool, weight: 1, request: `{"snapshotId":"<snapshot>","createVolumePermission":{"add":{"items":[{"userId":"444455556666"}]}},"attributeType":"CREATE_VOLUME_PERMISSION"}`, response: ec2Done},
	{name: "AuthorizeSecurityGroupIngress", by: deploy | console, weight: 3, request: `{"groupId":"<sg>",` + ec2Rules + `}`, fails: failure{8, "Client.InvalidPermission.Duplicate", "the specified rule already exists"},
		response: `{"requestId":"<requestid>","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"<account>","groupId":"<sg>","securityGroupRuleId":"sgr-0<hex16>","description":"from <app>","isEgress":false,"ipProtocol":"tcp","fromPort":5432,"toPort":5432,"cidrIpv4":"10.20.0.0/16"}]}}`},
	{name: "AuthorizeSecurityGroupIngress", by: deploy, weight: 1, request: `{"groupId":"<sg>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0","description":"public website"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}`,
		response: `{"requestId":"<requestid>","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"<account>","groupId":"<sg>","securityGroupRuleId":"sgr-0<hex16>","description":"public website","isEgress":false,"ipProtocol":"tcp","fromPort":443,"toPort":443,"cidrIpv4":"0.0.0.0/0"}]}}`},
	{name: "CreateKeyPair"},
	{name: "RevokeSecurityGroupIngress", by: deploy | console, weight: 2, request: `{"groupId":"<sg>",` + ec2Rules + `}`, response: ec2Done},
	{name: "CreateSecurityGroup", by: deploy, weight: 2, request: `{"groupName":"<app>-<part>-<hex8>","groupDescription":"Managed by Terraform","vpcId":"<vpc>","tagSpecificationSet":{"items":[{"resourceType":"security-group",` + ec2TagSpec + `}]}}`, response: `{"requestId":"<requestid>","_return":true,"groupId":"<sg>","securityGroupArn":"arn:aws:ec2:<region>:<account>:security-group/<sg>",` + ec2Tags + `}`},
	{name: "DeleteSecurityGroup", by: deploy, weight: 2, request: `{"groupId":"<sg>"}`, response: ec2Done, fails: failure{25, "Client.DependencyViolation", "resource <sg> has a dependent object"}},
	{name: "CreateSubnet", by: deploy, weight: 1, request: `{"vpcId":"<vpc>","cidrBlock":"10.20.48.0/24","availabilityZone":"<az>"}`, response: `{"requestId":"<requestid>","subnet":{"subnetId":"<subnet>","subnetArn":"arn:aws:ec2:<region>:<account>:subnet/<subnet>","state":"available","ownerId":"<account>","vpcId":"<vpc>","cidrBlock":"10.20.48.0/24","ipv6CidrBlockAssociationSet":{},"availableIpAddressCount":251,"availabilityZone":"<az>","defaultForAz":false,"mapPublicIpOnLaunch":false,"assignIpv6AddressOnCreation":false,` + ec2Tags + `,"ipv6Native":false}}`},
	{name: "CreateRoute", by: deploy, weight: 2, request: `{"routeTableId":"<rtb>","destinationCidrBlock":"10.<n2>.0.0/16","natGatewayId":"<nat>"}`, response: ec2Done},
	{name: "DeleteRoute", by: deploy, weight: 1, request: `{"routeTableId":"<rtb>","destinationCidrBlock":"10.<n2>.0.0/16"}`, response: ec2Done},
	{name: "AssociateRouteTable", by: deploy, weight: 1, request: `{"routeTableId":"<rtb>","subnetId":"<subnet>"}`, response: `{"requestId":"<requestid>","associationId":"rtbassoc-0<hex16>","associationState":{"state":"associated"}}`},
	{name: "ModifyInstanceAttribute", by: staff | deploy, weight: 2, request: `{"instanceId":"<instance>","groupSet":{"items":[{"groupId":"<sg>"},{"groupId":"<sg+>"}]}}`, response: ec2Done},
	{name: "CreateLaunchTemplateVersion", by: deploy, weight: 4, request: `{"CreateLaunchTemplateVersionRequest":{"LaunchTemplateId":"<lt>","SourceVersion":"<n2>","LaunchTemplateData":{"ImageId":"<image>","InstanceType":"m6i.large","UserData":"<sensitiveDataRemoved>","SecurityGroupId":{"tag":1,"content":"<sg>"}},"ClientToken":"<uuid>"}}`,
		response: `{"CreateLaunchTemplateVersionResponse":{"launchTemplateVersion":{"launchTemplateId":"<lt>","launchTemplateName":"<app>-<env>","versionNumber":<n2>,"createTime":"<iso>","createdBy":"<arn>","defaultVersion":false},"requestId":"<requestid>"}}`},
	{name: "AllocateAddress", by: deploy, weight: 1, request: `{"domain":"vpc"}`, response: `{"requestId":"<requestid>","publicIp":"203.0.113.<n2>","publicIpv4Pool":"amazon","domain":"vpc","allocationId":"<eip>","networkBorderGroup":"<region>"}`},
	{name: "ReleaseAddress", by: deploy, weight: 1, request: `{"allocationId":"<eip>"}`, response: ec2Done},
	{name: "SharedSnapshotVolumeCreated", by: aws, weight: 2, event: true, invokers: "ec2", details: `{"snapshotId":"<snapshot>"}`},
}
