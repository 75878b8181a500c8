package activity

// field is one that a map can fill: where it stands in eventData, and what is a
// value for it.
type field struct {
	name string
	take taker
	what string // for the list of fields
}

// The fields of eventData, in the order in which they are written.
func fields() []field {
	return []field{
		{"version", takeText, "the version of the source's format; 1.0 if the map has none"},
		{"userIdentity.type", takeText, "what kind of somebody: User, ServiceAccount"},
		{"userIdentity.principalId", takeText, "who did it"},
		{"userIdentity.details", takeObject, "what else is known of them"},
		{"userAgent", takeText, "the program that they used"},
		{"eventSource", takeText, "the service that was asked, such as okta.com"},
		{"eventName", takeText, "what was done; a record without one is rejected"},
		{"eventTime", takeTime, "when it was done; a record without one is rejected"},
		{"UID", takeText, "what tells the event from all others of its source; made of its bytes if there is none"},
		{"requestParameters", takeObject, "what was asked for"},
		{"responseElements", takeObject, "what was answered"},
		{"errorCode", takeText, "the error, nothing if it went well"},
		{"errorMessage", takeText, "what was said about the error"},
		{"sourceIPAddress", takeText, "where the request came from"},
		{"recipientAccountId", takeText, "the account that the event is for; " + Account + " if the map has none"},
		{"additionalEventData", takeObject, "what is in none of the others"},
	}
}

// The places of fields that Map.Event asks for.
const (
	fieldVersion = 0
	fieldSource  = 5
	fieldName    = 6
	fieldTime    = 7
	fieldUID     = 8
	fieldAccount = 14
)
