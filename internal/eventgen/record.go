package eventgen

// record is the event being written: the choices that several of its fields
// depend on.
type record struct {
	at      int64
	burst   uint64
	lane    *lane
	call    *call
	id      [2]uint64
	request [2]uint64
	tls     uint8
	code    string
	message template
	failed  bool
}

// caller is who makes the request in hand, resolved for its moment.
type caller struct {
	who      *principal
	identity template // instead of a principal: a service, or a part in the story
	session  []byte
	key      []byte
	since    int64 // when the session began
	arn      []byte
	address  []byte
	agent    string
	overTLS  bool
	console  bool // through the browser, with the console's credentials
	foreign  bool // not of this account: the event has a twin elsewhere
}

// appendRecord writes the record in hand, with the fields in the order in which
// CloudTrail writes them.
func (m *maker) appendRecord(b []byte) []byte {
	b = m.appendRequest(b)
	b = m.appendOutcome(b)
	return m.appendFrame(b)
}

// appendRequest writes who asked for what, from where.
func (m *maker) appendRequest(b []byte) []byte {
	r, c := &m.rec, &m.caller
	b = append(b, `{"eventVersion":"`...)
	b = append(b, r.call.of.version...)
	b = append(b, `","userIdentity":`...)
	b = m.appendIdentity(b)
	b = append(b, `,"eventTime":"`...)
	b = appendTime(b, r.at)
	b = append(b, r.call.middle...)
	b = append(b, r.lane.region...)
	b = append(b, `","sourceIPAddress":"`...)
	b = append(b, c.address...)
	b = append(b, `","userAgent":"`...)
	if r.call.of.requestIDs == letters16 && c.overTLS {
		b = append(append(append(b, '['), c.agent...), ']')
	} else {
		b = append(b, c.agent...)
	}
	return append(b, '"')
}

// appendOutcome writes what was asked and what came of it.
func (m *maker) appendOutcome(b []byte) []byte {
	r := &m.rec
	k := r.call
	if r.code != "" {
		b = append(append(append(b, `,"errorCode":"`...), r.code...), '"')
	}
	if r.failed {
		b = append(m.expand(append(b, `,"errorMessage":"`...), r.message), '"')
	}
	b = m.appendOrNull(append(b, `,"requestParameters":`...), k.request)
	response := k.response
	if r.code != "" {
		response = nil
	}
	b = m.appendOrNull(append(b, `,"responseElements":`...), response)
	if len(k.extra) > 0 {
		b = m.expand(append(b, `,"additionalEventData":`...), k.extra)
	}
	if k.of.requestIDs != none && !k.event {
		b = append(m.appendRequestID(append(b, `,"requestID":"`...)), '"')
	}
	b = appendUUID(append(b, `,"eventID":"`...), r.id[0], r.id[1], lowerHex)
	b = appendBool(append(b, `","readOnly":`...), k.reads)
	// Only S3 still names the resources of a request it refused.
	if len(k.resources) > 0 && (!r.failed || k.of.requestIDs == letters16) {
		b = m.expand(append(b, `,"resources":`...), k.resources)
	}
	return b
}

// appendFrame writes what CloudTrail adds about the event itself.
func (m *maker) appendFrame(b []byte) []byte {
	r, c := &m.rec, &m.caller
	k := r.call
	switch {
	case k.signIn:
		b = append(b, `,"eventType":"AwsConsoleSignIn"`...)
	case k.event:
		b = append(b, `,"eventType":"AwsServiceEvent"`...)
	default:
		b = append(b, `,"eventType":"AwsApiCall"`...)
	}
	if v := k.of.apiVersion; v != "" {
		b = append(append(append(b, `,"apiVersion":"`...), v...), '"')
	}
	b = appendBool(append(b, `,"managementEvent":`...), !k.data)
	b = append(append(b, `,"recipientAccountId":"`...), r.lane.account.id...)
	if c.foreign {
		b = appendUUID(append(b, `","sharedEventID":"`...), m.src.Uint64(), m.src.Uint64(), lowerHex)
	}
	if c.who != nil && c.who.private {
		b = append(append(b, `","vpcEndpointId":"`...), m.pick(kindEndpoint, false)...)
		if k.of.version != oldVersion {
			b = append(append(b, `","vpcEndpointAccountId":"`...), r.lane.account.id...)
		}
	}
	b = append(b, '"')
	if len(k.details) > 0 {
		b = m.expand(append(b, `,"serviceEventDetails":`...), k.details)
	}
	if k.data {
		b = append(b, `,"eventCategory":"Data"`...)
	} else {
		b = append(b, `,"eventCategory":"Management"`...)
	}
	if c.overTLS {
		b = m.appendTLS(b)
	}
	if c.console && !k.signIn {
		b = append(b, `,"sessionCredentialFromConsole":"true"`...)
	}
	return append(b, '}')
}

func (m *maker) appendTLS(b []byte) []byte {
	r := &m.rec
	b = append(append(b, `,"tlsDetails":{"tlsVersion":"`...), tlsVersions[r.tls]...)
	b = append(append(b, `","cipherSuite":"`...), ciphers[r.tls]...)
	b = m.expand(append(b, `","clientProvidedHostHeader":"`...), r.call.host)
	if r.tls == 0 && r.call.of.version == newestVersion {
		b = append(b, `","keyExchange":"x25519`...)
	}
	return append(b, `"}`...)
}

const (
	// oldVersion still writes empty objects for what a session has not.
	oldVersion    = "1.08"
	newestVersion = "1.11"
)

// appendIdentity writes the userIdentity.
func (m *maker) appendIdentity(b []byte) []byte {
	c := &m.caller
	w := c.who
	if w == nil {
		return m.expand(b, c.identity)
	}
	if m.rec.call.signIn && w.kind == iamUser {
		// A sign-in has no access key yet, and no session.
		b = append(b, w.head[:len(w.head)-len(`","accessKeyId":"`)]...)
		return append(append(b, w.afterKey...), '}')
	}
	b = append(b, w.head...)
	if w.kind == assumedRole {
		b = append(append(b, c.session...), w.beforeArn...)
		b = append(append(b, c.session...), w.beforeKey...)
	}
	b = append(append(b, c.key...), w.afterKey...)
	if w.sessions > 0 {
		b = m.appendSession(b)
	}
	if w.service != "" {
		b = append(append(append(b, `,"invokedBy":"`...), w.service...), '"')
	}
	return append(b, '}')
}

// appendSession writes what is left of the sessionContext: for a role its
// issuer is already there.
func (m *maker) appendSession(b []byte) []byte {
	w, old := m.caller.who, m.rec.call.of.version == oldVersion
	if w.kind != assumedRole {
		b = append(b, `,"sessionContext":{`...)
		if old {
			b = append(b, `"sessionIssuer":{},`...)
		}
	} else {
		b = append(b, ',')
	}
	if old {
		b = append(b, `"webIdFederationData":{},`...)
	}
	b = appendTime(append(b, `"attributes":{"creationDate":"`...), m.caller.since)
	b = append(append(b, `","mfaAuthenticated":"`...), w.mfa...)
	b = append(b, `"}`...)
	if w.naming == byInstance {
		b = append(b, `,"ec2RoleDelivery":"2.0"`...)
	}
	return append(b, '}')
}

func (m *maker) appendRequestID(b []byte) []byte {
	id := m.rec.request
	switch m.rec.call.of.requestIDs {
	case letters16:
		return appendLetters(b, id[0], id[1], 16)
	case letters52:
		// The second half is the same in every request to DynamoDB.
		return append(appendLetters(b, id[0], id[1], 26), "VV4KQNSO5AEMVJF66Q9ASUAAJG"...)
	}
	return appendUUID(b, id[0], id[1], lowerHex)
}

// appendLetters adds n capital letters and digits that two numbers stand for.
func appendLetters(b []byte, x, y uint64, n int) []byte {
	for i := range n {
		if i%10 == 9 {
			x, y = y, mix(x, y)
		}
		b = append(b, base36[(x&63)*36>>6])
		x >>= 6
	}
	return b
}

func (m *maker) appendOrNull(b []byte, t template) []byte {
	if len(t) == 0 {
		return append(b, "null"...)
	}
	return m.expand(b, t)
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, "true"...)
	}
	return append(b, "false"...)
}
