package schemas

// Needle is a kind of value that investigations look for in years of events:
// one key, one address, one bucket. A segment carries a filter for each kind,
// so that a query opens only the segments that may hold the value.
type Needle struct {
	// Name is the kind's name on disk. Never changed.
	Name string
	// Column is the dotted path of the stored column that holds the values; the
	// elements of a list are reached through it.
	Column string
}

// Needles returns the kinds of needle of the family, in the order of the
// filters on disk. Append only.
func (f *Family) Needles() []Needle {
	switch f.Name {
	case "cloudtrail":
		return cloudTrailNeedles()
	case "insights":
		return []Needle{{"eventid", EventID}, {"sharedeventid", "sharedeventid"}, {"eventname", "insighteventname"}}
	case "activity":
		return []Needle{
			{"eventid", EventID},
			{"principalid", "eventdata.useridentity.principalid"},
			{"sourceipaddress", "eventdata.sourceipaddress"},
			{"eventname", "eventdata.eventname"},
			{"eventsource", "eventdata.eventsource"},
			{"errorcode", "eventdata.errorcode"},
		}
	case "configuration":
		return []Needle{{"eventid", EventID}, {"resourceid", "eventdata.resourceid"}, {"resourcearn", "eventdata.arn"}}
	}
	return []Needle{{"eventid", EventID}}
}

func cloudTrailNeedles() []Needle {
	return []Needle{
		{"eventid", EventID},
		{"accesskeyid", "useridentity.accesskeyid"},
		{"principalid", "useridentity.principalid"},
		{"arn", "useridentity.arn"},
		{"username", "useridentity.username"},
		{"sourceipaddress", "sourceipaddress"},
		{"requestid", "requestid"},
		{"sharedeventid", "sharedeventid"},
		{"resourcearn", "resources.arn"},
		{"bucketname", "requestparameters_bucketname"},
		// Few values in a segment, but a rare one is in few of the segments of
		// seven years; such a filter takes some tens of bytes.
		{"eventname", "eventname"},
		{"eventsource", "eventsource"},
		{"errorcode", "errorcode"},
		{"recipientaccountid", "recipientaccountid"},
		{"issuerarn", "useridentity.sessioncontext.sessionissuer.arn"},
		{"rolearn", "requestparameters_rolearn"},
		{"resourcetype", "resources.type"},
	}
}
