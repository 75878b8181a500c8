package activity

// Field is a field of eventData that a map can fill.
type Field struct {
	// Name is where it stands in eventData, What says what it is.
	Name, What string
	take       taker
}

// Fields returns the fields of eventData, in the order in which they are written.
func Fields() []Field {
	return []Field{
		{"version", "the version of the source's format; 1.0 if the map has none", takeText},
		{"userIdentity.type", "what kind of somebody: User, ServiceAccount", takeText},
		{"userIdentity.principalId", "who did it", takeText},
		{"userIdentity.details", "what else is known of them", takeObject},
		{"userAgent", "the program that they used", takeText},
		{"eventSource", "the service that was asked, such as okta.com", takeText},
		{"eventName", "what was done; a record without one is rejected", takeText},
		{"eventTime", "when it was done; a record without one is rejected", takeTime},
		{"UID", "what tells the event from all others of its source; made of its bytes if there is none", takeText},
		{"requestParameters", "what was asked for", takeObject},
		{"responseElements", "what was answered", takeObject},
		{"errorCode", "the error, nothing if it went well", takeText},
		{"errorMessage", "what was said about the error", takeText},
		{"sourceIPAddress", "where the request came from", takeText},
		{"recipientAccountId", "the account that the event is for; " + Account + " if the map has none", takeText},
		{"additionalEventData", "what is in none of the others", takeObject},
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
