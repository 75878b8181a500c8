package eventgen

import (
	"cmp"
	"math/bits"
	"sort"
	"strings"
)

// class says what kind of caller makes a request. An api lists the classes
// that make it; a record has one.
type class uint8

const (
	console class = 1 << iota // a person in the browser
	tool                      // a person at the command line
	deploy                    // pipelines and Terraform
	app                       // the company's own programs
	linked                    // AWS services acting through their linked roles
	aws                       // AWS services in their own name
	root                      // the account's owner

	classes = 7
	staff   = console | tool
	anyone  = staff | deploy
)

func (c class) index() int { return bits.TrailingZeros8(uint8(c)) }

// service is one AWS service as CloudTrail shows it.
type service struct {
	name       string // the ec2 of ec2.amazonaws.com
	prefix     string // of its actions in policies, if that is not the name
	version    string // the eventVersion it writes
	host       string // host name clients ask for; empty is name.region
	denied     string // its error code for a request that is not allowed
	throttled  string // and for too many of them
	requestIDs requestIDs
	apiVersion string
	global     bool   // recorded in us-east-1 only
	extra      string // additionalEventData of every request
	apis       []api
}

// requestIDs is the shape of a service's requestID.
type requestIDs uint8

const (
	uuids     requestIDs = iota
	letters16            // S3
	letters52            // DynamoDB
	none                 // sign-ins
)

// api is one event name: who causes it how often, and what its parameters,
// response and resources look like. Empty templates mean null, or left out.
type api struct {
	name      string
	by        class
	weight    int    // against the other requests of a class; 0 is for the story only
	invokers  string // services that call it in their own name, for class aws
	host      string // instead of the service's
	request   string
	response  string
	resources string
	extra     string // additionalEventData, instead of the service's
	details   string // serviceEventDetails
	fails     failure
	data      bool // a data event
	event     bool // something a service did by itself: AwsServiceEvent
	signIn    bool // AwsConsoleSignIn
}

// failure is an error that belongs to an api, and how often it is the answer.
type failure struct {
	percent int
	code    string
	message string
}

// call is an api ready for writing.
type call struct {
	*api
	of                                *service
	prefix                            string // for <action>
	middle                            string // from the eventSource to the awsRegion
	invokers                          []invoker
	request, response, resources      template
	extra, details, host, failMessage template
	reads                             bool
}

// invoker is who makes a request in the name of AWS, or from outside.
type invoker struct {
	identity template
	address  string // empty: not a service but somebody with an address
}

// catalog is everything that can be called, and how often each class does it.
type catalog struct {
	// choosers by class; the second for us-east-1, where global services report.
	choosers [classes][2]chooser
	keys     []template          // keyPatterns
	refusals map[string]template // by error code
	calls    []*call
}

func newCatalog() *catalog {
	c := &catalog{refusals: map[string]template{}}
	for i := range services {
		s := &services[i]
		c.refusals[s.denied] = compile(denials[s.denied])
		c.refusals[s.throttled] = compile(throttles[s.throttled])
		for j := range s.apis {
			c.add(newCall(s, &s.apis[j]))
		}
	}
	for _, p := range keyPatterns {
		c.keys = append(c.keys, compile(p))
	}
	return c
}

func (c *catalog) add(k *call) {
	c.calls = append(c.calls, k)
	for i := range classes {
		if k.by&(1<<i) == 0 || k.weight == 0 {
			continue
		}
		c.choosers[i][1].add(k)
		if !k.of.global {
			c.choosers[i][0].add(k)
		}
	}
}

// find returns the named call, or nil.
func (c *catalog) find(service, name string) *call {
	for _, k := range c.calls {
		if k.of.name == service && k.name == name {
			return k
		}
	}
	return nil
}

// called returns the named call; one that only the story makes need not be in
// the catalog. A service has to be.
func (c *catalog) called(service, name string) *call {
	if known := c.find(service, name); known != nil {
		return known
	}
	for i := range services {
		if services[i].name == service {
			return newCall(&services[i], &api{name: name})
		}
	}
	return nil
}

func newCall(s *service, a *api) *call {
	k := &call{
		api: a, of: s, prefix: cmp.Or(s.prefix, s.name),
		middle:      `","eventSource":"` + s.name + `.amazonaws.com","eventName":"` + a.name + `","awsRegion":"`,
		request:     compile(a.request),
		response:    compile(a.response),
		resources:   compile(a.resources),
		extra:       compile(cmp.Or(a.extra, s.extra)),
		details:     compile(a.details),
		host:        compile(cmp.Or(a.host, s.host, s.name+".<region>.amazonaws.com")),
		failMessage: compile(a.fails.message),
		reads:       reads(a.name),
	}
	for name := range strings.FieldsSeq(a.invokers) {
		k.invokers = append(k.invokers, newInvoker(name, a.event))
	}
	return k
}

// newInvoker makes out who stands behind a name in api.invokers.
func newInvoker(name string, event bool) invoker {
	domain := name + ".amazonaws.com"
	switch {
	case name == "web-identity":
		provider := "arn:aws:iam::<account>:oidc-provider/oidc.eks.<region>.amazonaws.com/id/<detector>"
		return invoker{identity: compile(`{"type":"WebIdentityUser","principalId":"` + provider + `:sts.amazonaws.com:system:serviceaccount:<app>:<app>-<part>","userName":"system:serviceaccount:<app>:<app>-<part>","identityProvider":"` + provider + `"}`)}
	case name == "other-account":
		return invoker{identity: compile(`{"type":"AWSAccount","principalId":"AROAWTCEXAMPLEWATCHTW:collector-<n4>","accountId":"999988887777"}`)}
	case event:
		return invoker{identity: compile(`{"accountId":"<account>","invokedBy":"` + domain + `"}`), address: domain}
	}
	return invoker{identity: compile(`{"type":"AWSService","invokedBy":"` + domain + `"}`), address: domain}
}

// reads tells from a name whether the request changes anything.
func reads(name string) bool {
	for _, verb := range [...]string{
		"Describe", "Get", "List", "Head", "Lookup", "Search", "Query", "Scan", "Select", "Batch",
		"Decrypt", "Encrypt", "GenerateDataKey", "Assume", "Filter", "Test", "Simulate",
	} {
		if strings.HasPrefix(name, verb) {
			return true
		}
	}
	return false
}

// denials are what services say to a caller who may not, by error code.
var denials = map[string]string{
	"Client.UnauthorizedOperation": "You are not authorized to perform this operation. User: <arn> is not authorized to perform: <action>" +
		" because no identity-based policy allows the <action> action. Encoded authorization failure message: <token>",
	"AccessDenied":          "User: <arn> is not authorized to perform: <action> because no identity-based policy allows the <action> action",
	"AccessDeniedException": "User: <arn> is not authorized to perform: <action> on resource: arn:aws:<action>:<region>:<account>:* because no identity-based policy allows the <action> action",
}

// throttles are what services say to a caller in a hurry, by error code.
var throttles = map[string]string{
	"Client.RequestLimitExceeded": "Request limit exceeded.",
	"ThrottlingException":         "Rate exceeded",
	"Throttling":                  "Rate exceeded",
	"SlowDown":                    "Please reduce your request rate.",
}

// chooser draws calls by weight.
type chooser struct {
	upTo  []int
	calls []*call
}

func (c *chooser) add(k *call) {
	c.upTo = append(c.upTo, c.total()+k.weight)
	c.calls = append(c.calls, k)
}

func (c *chooser) total() int {
	if len(c.upTo) == 0 {
		return 0
	}
	return c.upTo[len(c.upTo)-1]
}

// pick returns the call that the random number u stands for.
func (c *chooser) pick(u uint64) *call {
	hi, _ := bits.Mul64(u, uint64(c.total()))
	return c.calls[sort.SearchInts(c.upTo, int(hi)+1)]
}
