package audit

import (
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"time"

	"tarn/internal/uuid"
	"tarn/lake"
	"tarn/server/access"
)

// Act is something that was asked of the lake, as the door saw it through which it
// came.
type Act struct {
	// Name is the operation's, such as StartQuery.
	Name string
	// Who asked.
	Who Identity
	// Source is the address that it came from, Agent what the client says it is.
	Source, Agent string
	// TLS is how it was kept from others on the way; nil if it was not.
	TLS *TLS
	// ID is what the answer calls the request.
	ID string
	// Request is what was asked, Response what was made: JSON, or what is written as an
	// object of it. Neither may hold a secret.
	Request, Response any
	// More is what else is worth knowing, such as how many rows an answer had.
	More map[string]any
	// Stores are the event data stores that it was about: names, ids or ARNs.
	Stores []string
	// Code and Message say why it was refused, or failed.
	Code, Message string
	// Changes says that the lake, or what it keeps, may be another one afterwards.
	Changes bool
	// Events is how many were put in. Acts that put events in are summed up.
	Events int64
	// Data says that the act puts events in.
	Data bool
	// Counts are what became of them, by outcome, where that is known.
	Counts map[string]int64
}

// Add adds something that is worth knowing.
func (a *Act) Add(name string, value any) {
	if a.More == nil {
		a.More = map[string]any{}
	}
	a.More[name] = value
}

// TLS is what tlsDetails says.
type TLS struct {
	Version string `json:"tlsVersion,omitempty"`
	Suite   string `json:"cipherSuite,omitempty"`
	Host    string `json:"clientProvidedHostHeader,omitempty"`
}

// Identity is who acts, as userIdentity has it.
type Identity struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId,omitempty"`
	ARN         string `json:"arn,omitempty"`
	AccountID   string `json:"accountId,omitempty"`
	AccessKeyID string `json:"accessKeyId,omitempty"`
	UserName    string `json:"userName,omitempty"`
	InvokedBy   string `json:"invokedBy,omitempty"`
}

// account is the one of the lake's ARNs, which AWS gives to nobody.
const account = "000000000000"

// source is what the records have as eventSource.
const source = "tarn.local"

// Nobody is who has not proven who they are.
func Nobody() Identity { return Identity{Type: "Unknown"} }

// Server is the server itself.
func Server() Identity { return Identity{Type: "AWSService", InvokedBy: source} }

// Holder is who has a credential.
func Holder(p access.Principal) Identity {
	return Identity{Type: "IAMUser", PrincipalID: p.ID, ARN: userARN("access", p.Name), AccountID: account, AccessKeyID: p.ID, UserName: p.Name}
}

// User is a user of the operating system, who runs a command.
func User(by lake.By) Identity {
	name, uid := by.User, strconv.Itoa(by.UID)
	if name == "" {
		name = uid
	}
	return Identity{Type: "IAMUser", PrincipalID: uid, ARN: userARN("local", name), AccountID: account, UserName: name}
}

// userARN has the kind of user as IAM has the path of one: so nobody who has a
// credential has the name of somebody who has an account on the machine.
func userARN(kind, name string) string {
	return "arn:aws:iam::" + account + ":user/" + kind + "/" + name
}

// Asked is the act of a request, as far as it is known before anybody has read it.
func Asked(r *http.Request, name string) Act {
	a := Act{Name: name, Who: Nobody(), Source: r.RemoteAddr, Agent: r.UserAgent(), ID: uuid.New()}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		a.Source = host
	}
	if r.TLS != nil {
		a.TLS = &TLS{tlsVersion(r.TLS.Version), tls.CipherSuiteName(r.TLS.CipherSuite), clip(r.Host, shortBytes)}
		if all := r.TLS.PeerCertificates; len(all) > 0 {
			a.Add("clientCertificate", clip(all[0].Subject.String(), shortBytes))
		}
	}
	return a
}

// tlsVersion is a version as CloudTrail writes it.
func tlsVersion(v uint16) string {
	switch v {
	case tls.VersionTLS12:
		return "TLSv1.2"
	case tls.VersionTLS13:
		return "TLSv1.3"
	}
	return ""
}

// Command is the act of a command line of a user of this machine.
func Command(name string, who lake.By, version string) Act {
	return Act{Name: name, Who: User(who), Source: source, Agent: "tarn/" + version, ID: uuid.New()}
}

// now is the time of a record: CloudTrail has seconds.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }
