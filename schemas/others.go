package schemas

// Insights returns the family of CloudTrail Insights events. The trail's record
// nests under insightDetails what the published table has flat.
func Insights() *Family {
	average := func(from string) Field { return record(from, text("value"), double("average")) }
	attributions := record("attributions",
		text("attribute"), text("insightValue"), double("insightAverage"),
		text("baselineValue"), double("baselineAverage"), average("insight"), average("baseline"))
	context := record("insightDetails.insightContext",
		double("statistics.baseline.average").named("baselineaverage"),
		double("statistics.insight.average").named("insightaverage"),
		integer("statistics.baselineDuration"),
		integer("statistics.insightDuration"),
		attributions)
	columns := []Field{
		text("eventVersion"), text("eventCategory"), text("eventType"), text("eventID"),
		timestamp("eventTime"), text("awsRegion"), text("recipientAccountId"),
		text("sharedEventID"), object("addendum"),
		text("insightDetails.insightSource"),
		text("insightDetails.state").named("insightstate"),
		text("insightDetails.eventSource").named("insighteventsource"),
		text("insightDetails.eventName").named("insighteventname"),
		text("insightDetails.errorCode").named("insighterrorcode"),
		text("insightDetails.insightType"),
		context,
	}
	return &Family{Name: "insights", Categories: []string{"Insight"}, Columns: withRaw(number(columns))}
}

// common are the columns that Config items, evidence and activity share.
func common(addendum Field) []Field {
	return []Field{
		text("eventVersion"), text("eventCategory"), text("eventType"), text("eventID"),
		timestamp("eventTime"), text("awsRegion"), text("recipientAccountId"), addendum,
	}
}

// ConfigurationItems returns the family of AWS Config items.
func ConfigurationItems() *Family {
	data := texts("configurationItemVersion", "configurationItemCaptureTime",
		"configurationItemStatus", "configurationItemStateId", "accountId", "resourceType",
		"resourceId", "resourceName", "arn", "awsRegion", "availabilityZone", "resourceCreationTime")
	data = append(data, object("configuration"), object("supplementaryConfiguration"),
		text("relatedEvents"),
		record("relationships", texts("name", "resourceType", "resourceId", "resourceName")...),
		object("tags"))
	columns := append(common(object("addendum")), record("eventData", data...))
	return &Family{Name: "configuration", Categories: []string{"ConfigurationItem"}, Columns: withRaw(number(columns))}
}

// Evidence returns the family of Audit Manager evidence.
func Evidence() *Family {
	data := []Field{object("attributes")}
	data = append(data, texts("awsAccountId", "awsOrganization", "complianceCheck", "dataSource",
		"eventName", "eventSource", "evidenceAwsAccountId", "evidenceByType", "iamId", "evidenceId")...)
	data = append(data, timestamp("time"))
	data = append(data, texts("assessmentId", "controlSetId", "controlId", "controlName",
		"controlDomainName", "frameworkName", "frameworkId", "service", "serviceCategory",
		"resourceArn", "resourceType", "evidenceFolderId", "description",
		"manualEvidenceS3ResourcePath", "evidenceFolderName", "resourceComplianceCheck")...)
	columns := append(common(object("addendum")), record("eventData", data...))
	return &Family{Name: "evidence", Categories: []string{"Evidence"}, Columns: withRaw(number(columns))}
}

// Activity returns the family of events that do not come from AWS.
func Activity() *Family {
	addendum := record("addendum", text("reason"), text("updatedFields"),
		text("originalUID"), text("originalEventID"))
	identity := record("userIdentity", text("type"), text("principalId"), object("details"))
	data := record("eventData", text("version"), identity,
		text("userAgent"), text("eventSource"), text("eventName"), text("eventTime"), text("UID"),
		object("requestParameters"), object("responseElements"), text("errorCode"),
		// Published with this misspelling.
		text("errorMessage").named("errormssage"),
		text("sourceIPAddress"), text("recipientAccountId"), object("additionalEventData"))
	columns := append(common(addendum),
		record("metadata", text("ingestionTime"), text("channelARN")), data)
	return &Family{Name: "activity", Categories: []string{"ActivityAuditLog"}, Columns: withRaw(number(columns))}
}
