package schemas

// CloudTrail returns the family of management, data and network activity
// events: the 34 published columns, and eventcontext, which the published table
// leaves out but published queries use.
func CloudTrail() *Family {
	columns := []Field{
		text("eventVersion"),
		userIdentity(),
		timestamp("eventTime"),
		text("eventSource"), text("eventName"), text("awsRegion"),
		text("sourceIPAddress"), text("userAgent"), text("errorCode"), text("errorMessage"),
		object("requestParameters"), object("responseElements"), object("additionalEventData"),
		text("requestID"), text("eventID"),
		boolean("readOnly"),
		list("resources", texts("accountId", "type", "ARN", "ARNPrefix")...),
		text("eventType"), text("apiVersion"),
		boolean("managementEvent"),
		text("recipientAccountId"), text("sharedEventID"), text("annotation"),
		text("vpcEndpointId"), text("vpcEndpointAccountId"),
		object("serviceEventDetails"), object("addendum"),
		object("edgeDeviceDetails"), object("insightDetails"),
		text("eventCategory"),
		record("tlsDetails", texts("tlsVersion", "cipherSuite", "clientProvidedHostHeader")...),
		text("sessionCredentialFromConsole"),
		eventContext(),
	}
	return &Family{
		Name:       "cloudtrail",
		Categories: []string{"Management", "Data", "NetworkActivity"},
		Columns:    publishedOrder(withRaw(number(columns))),
		Promoted: promote(
			[2]string{"requestparameters", "bucketName"},
			[2]string{"requestparameters", "roleArn"},
			[2]string{"requestparameters", "roleName"},
			[2]string{"requestparameters", "userName"},
			[2]string{"requestparameters", "groupName"},
			[2]string{"requestparameters", "policyArn"},
			[2]string{"requestparameters", "instanceId"},
			[2]string{"requestparameters", "functionName"},
			[2]string{"requestparameters", "keyId"},
			[2]string{"requestparameters", "secretId"},
			[2]string{"requestparameters", "groupId"},
			[2]string{"responseelements", "ConsoleLogin"},
			[2]string{"additionaleventdata", "MFAUsed"},
			[2]string{"useridentity", "type"},
			[2]string{"useridentity", "principalid"},
			[2]string{"useridentity", "arn"},
			[2]string{"useridentity", "accountid"},
			[2]string{"useridentity", "accesskeyid"},
			[2]string{"useridentity", "username"},
			[2]string{"useridentity", "sessioncontext.sessionissuer.arn"},
			[2]string{"useridentity", "sessioncontext.sessionissuer.username"},
		),
	}
}

// publishedOrder moves eventcontext behind the 34 published columns.
func publishedOrder(columns []Field) []Field {
	n := len(columns) - 3
	context := columns[n]
	copy(columns[n:], columns[n+1:])
	columns[len(columns)-1] = context
	return columns
}

func userIdentity() Field {
	attributes := record("attributes", timestamp("creationDate"), text("mfaAuthenticated"))
	issuer := record("sessionIssuer", texts("type", "principalId", "arn", "accountId", "userName")...)
	web := record("webIdFederationData", text("federatedProvider"), object("attributes"))
	session := record("sessionContext", attributes, issuer, web,
		text("sourceIdentity"), text("ec2RoleDelivery"), text("ec2IssuedInVpc"))
	scope := record("inScopeOf", text("sourceArn"), text("sourceAccount"), text("issuerType"),
		// The published name has this misspelling; queries depend on it.
		text("credentialsIssuedTo").named("credentiaisissuedto"))
	fields := texts("type", "principalId", "arn", "accountId", "accessKeyId", "userName")
	fields = append(fields, session,
		record("onBehalfOf", texts("userId", "identityStoreArn")...),
		scope, text("invokedBy"), text("identityProvider"))
	return record("userIdentity", fields...)
}

func eventContext() Field {
	tags := record("tagContext",
		list("resourceTags", text("arn"), object("tags")),
		object("principalTags"))
	return record("eventContext", object("requestContext"), tags)
}
