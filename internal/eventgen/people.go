package eventgen

import (
	"slices"
	"strings"
)

// staffNames are who works at Fjordbyte. The story names some of them, so
// they stand here by name and not by number.
var staffNames = [...]string{
	"nora.lund", "lars.holm", "ingrid.berg", "jonas.lie", "astrid.dahl", "henrik.moe",
	"sverre.bakke", "kari.strand", "olav.vik", "sunniva.ness", "magnus.hauge", "tuva.sand",
	"eirik.foss", "hanne.brekke", "petter.aas", "silje.tveit",
}

const (
	// oldUsers of staffNames still have an IAM user in the first account;
	// everybody else signs in through IAM Identity Center.
	oldUsers = 4
	// programs is how many roles for programs an account has.
	programs = 36
)

// robots are IAM users made for programs, with long-lived keys.
var robots = [...]string{"svc-backup", "svc-monitoring", "svc-reporting", "svc-ci-legacy"}

// linkedRoles are the roles through which AWS services act in an account.
var linkedRoles = [...]struct{ service, role, session string }{
	{"config", "AWSServiceRoleForConfig", "AWSConfig-Describe"},
	{"securityhub", "AWSServiceRoleForSecurityHub", "securityhub"},
	{"trustedadvisor", "AWSServiceRoleForTrustedAdvisor", "TrustedAdvisor"},
	{"access-analyzer", "AWSServiceRoleForAccessAnalyzer", "access-analyzer"},
	{"autoscaling", "AWSServiceRoleForAutoScaling", "AutoScaling"},
	{"ecs", "AWSServiceRoleForECS", "ecs-service-scheduler"},
	{"elasticloadbalancing", "AWSServiceRoleForElasticLoadBalancing", "ElasticLoadBalancing"},
	{"inspector2", "AWSServiceRoleForAmazonInspector2", "inspector2"},
	{"guardduty", "AWSServiceRoleForAmazonGuardDuty", "GuardDuty"},
	{"resource-explorer-2", "AWSServiceRoleForResourceExplorer", "resource-explorer-2"},
	{"backup", "AWSServiceRoleForBackup", "AWSBackup"},
	{"eks", "AWSServiceRoleForAmazonEKS", "AmazonEKS"},
	{"rds", "AWSServiceRoleForRDS", "SLRManagement"},
}

// identity is the kind of userIdentity a principal has.
type identity uint8

const (
	iamUser identity = iota
	assumedRole
	accountRoot
)

// naming is how the sessions of a role are called.
type naming uint8

const (
	byLabel    naming = iota // always the same
	byInstance               // the id of the machine it runs on
	byTask                   // the id of the container it runs in
	byClock                  // the library's name and the time
	byRun                    // the number of a pipeline's run
)

// principal is somebody or something that makes requests.
type principal struct {
	kind     identity
	class    class
	name     string // of the user or the role
	id       string // AIDA… or AROA…
	key      string // long-lived access key; empty means temporary keys
	naming   naming
	label    string
	agents   []string
	seed     uint64
	home     uint64 // where a person lives, whatever role they take
	sessions int    // how many it holds at the same time
	lasting  int64  // seconds until a session's key is renewed
	hops     bool   // its addresses change as a person's do
	private  bool   // reaches AWS through an endpoint in the company's network
	habits   bool   // does the same few things over and over
	service  string
	mfa      string

	// The identity in JSON, cut where the session and the key go.
	head, beforeArn, beforeKey, afterKey, arn string
}

// account is an AWS account and who acts in it.
type account struct {
	id, env      string
	seed         uint64
	callers      [classes][]*principal
	users, roles []string
}

// environments are what the company keeps accounts for; later accounts are
// numbered.
var environments = [...]string{"prod", "dev", "data", "shared", "sandbox", "audit"}

// accountIDs are the ones AWS uses in its own examples.
var accountIDs = [...]string{"111122223333", "444455556666", "777788889999", "222233334444", "555566667777", "888899990000"}

func newAccount(seed uint64, n int) *account {
	a := &account{seed: mix(seed, uint64(n))}
	if n < len(accountIDs) {
		a.id, a.env = accountIDs[n], environments[n]
	} else {
		number := string(append2(append2(nil, n/100%100), n%100))
		// Twelve digits that no bank of account numbers has ever reached.
		a.id, a.env = "00000000"+number, "team"+number
	}
	for i, name := range staffNames {
		a.addPerson(name, n == 0 && i < oldUsers)
	}
	a.add(&principal{kind: iamUser, class: deploy, name: "svc-ci-legacy", key: a.longKey("svc-ci-legacy"), agents: deployAgents[:]})
	a.add(&principal{kind: assumedRole, class: deploy, name: "github-deploy", naming: byRun, agents: deployAgents[:], sessions: 6, lasting: hour})
	a.add(&principal{kind: assumedRole, class: deploy, name: "terraform-apply", naming: byRun, agents: deployAgents[:1], sessions: 2, lasting: hour})
	for i := range programs {
		a.addProgram(i)
	}
	for _, name := range robots {
		a.add(&principal{kind: iamUser, class: app, name: name, key: a.longKey(name), agents: sdkAgents[:], habits: true})
	}
	for _, l := range linkedRoles {
		a.add(&principal{kind: assumedRole, class: linked, name: l.role, label: l.session, service: l.service + ".amazonaws.com", sessions: 1, lasting: 6 * hour, habits: true})
	}
	a.add(&principal{kind: accountRoot, class: root, agents: browsers[:], sessions: 1, lasting: 12 * hour, hops: true, mfa: "true"})
	return a
}

// addPerson adds a member of the staff, in the browser and at the terminal.
func (a *account) addPerson(name string, user bool) {
	if user {
		a.add(&principal{kind: iamUser, class: console, name: name, agents: browsers[:], sessions: 1, lasting: 12 * hour, hops: true, mfa: "true"})
		a.add(&principal{kind: iamUser, class: tool, name: name, key: a.longKey(name), agents: toolAgents[:], hops: true})
		return
	}
	role := "AWSReservedSSO_Developer_1f0d2b7a6c3e9854"
	if mixText(a.seed, name)%5 == 0 {
		role = "AWSReservedSSO_Operations_83b6e1d09f4a2c57"
	}
	label := name + "@fjordbyte.example"
	a.add(&principal{kind: assumedRole, class: console, name: role, label: label, agents: browsers[:], sessions: 1, lasting: 12 * hour, hops: true})
	a.add(&principal{kind: assumedRole, class: tool, name: role, label: label, agents: toolAgents[:], sessions: 1, lasting: 8 * hour, hops: true})
}

// addProgram adds the role of a program. A third each run on machines, in
// containers and as functions.
func (a *account) addProgram(i int) {
	name := apps[i%len(apps)] + "-" + parts[i*7%len(parts)]
	p := &principal{kind: assumedRole, class: app, agents: sdkAgents[:], habits: true, private: i%3 != 2, lasting: 6 * hour}
	switch i % 3 {
	case 0:
		p.name, p.naming, p.sessions = name+"-ec2", byInstance, 6
	case 1:
		p.name, p.naming, p.sessions = name+"-task", byTask, 8
		if i%2 == 0 {
			p.name, p.naming = name+"-pod", byClock
		}
	default:
		p.name, p.label, p.sessions = name+"-lambda", name+"-"+a.env, 4
		p.lasting = 3 * hour
	}
	a.add(p)
}

func (a *account) longKey(user string) string {
	return keyID("AKIA", mixText(a.seed+1, user), 20)
}

// add writes out the identity of a principal and puts it where records of
// its class look for callers.
func (a *account) add(p *principal) {
	p.seed = mixText(a.seed+uint64(p.class), p.name+p.label)
	person, _, _ := strings.Cut(p.label+p.name, "@")
	p.home = mixText(0, person)
	if p.mfa == "" {
		p.mfa = "false"
		if p.hops {
			p.mfa = "true"
		}
	}
	switch p.kind {
	case iamUser:
		p.id = keyID("AIDA", mixText(a.seed, p.name), 21)
		p.arn = "arn:aws:iam::" + a.id + ":user/" + p.name
		p.head = `{"type":"IAMUser","principalId":"` + p.id + `","arn":"` + p.arn + `","accountId":"` + a.id + `","accessKeyId":"`
		p.afterKey = `","userName":"` + p.name + `"`
		a.users = appendNew(a.users, p.name)
	case assumedRole:
		p.id = keyID("AROA", mixText(a.seed, p.name), 21)
		p.arn = "arn:aws:sts::" + a.id + ":assumed-role/" + p.name + "/"
		p.head = `{"type":"AssumedRole","principalId":"` + p.id + `:`
		p.beforeArn = `","arn":"` + p.arn
		p.beforeKey = `","accountId":"` + a.id + `","accessKeyId":"`
		p.afterKey = `","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"` + p.id + `","arn":"arn:aws:iam::` + a.id + ":role/" + p.path() + p.name +
			`","accountId":"` + a.id + `","userName":"` + p.name + `"}`
		if p.path() == "" {
			a.roles = appendNew(a.roles, p.name)
		}
	case accountRoot:
		p.name = "root"
		p.arn = "arn:aws:iam::" + a.id + ":root"
		p.head = `{"type":"Root","principalId":"` + a.id + `","arn":"` + p.arn + `","accountId":"` + a.id + `","accessKeyId":"`
		p.afterKey = `"`
	}
	a.callers[p.class.index()] = append(a.callers[p.class.index()], p)
}

// path is where IAM keeps a role.
func (p *principal) path() string {
	switch {
	case p.service != "":
		return "aws-service-role/" + p.service + "/"
	case p.hops:
		return "aws-reserved/sso.amazonaws.com/eu-north-1/"
	}
	return ""
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
