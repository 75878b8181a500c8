package eventgen

// worldSpec lists what exists in each region of an account: the name of the
// hole that mentions it, how many there are, and how its names look. The
// patterns are templates themselves.
var worldSpec = [...]struct {
	name    string
	count   int
	pattern string
}{
	{"vpc", 3, "vpc-0<hex16>"},
	{"subnet", 9, "subnet-0<hex16>"},
	{"sg", 18, "sg-0<hex16>"},
	{"instance", 80, "i-0<hex16>"},
	{"volume", 90, "vol-0<hex16>"},
	{"snapshot", 60, "snap-0<hex16>"},
	{"image", 9, "ami-0<hex16>"},
	{"eni", 90, "eni-0<hex16>"},
	{"rtb", 6, "rtb-0<hex16>"},
	{"igw", 3, "igw-0<hex16>"},
	{"nat", 3, "nat-0<hex16>"},
	{"eip", 8, "eipalloc-0<hex16>"},
	{"vpce", 4, "vpce-0<hex16>"},
	{"acl", 4, "acl-0<hex16>"},
	{"keypair", 5, "<app+>-<env>"},
	{"lt", 8, "lt-0<hex16>"},
	{"bucket", 24, "fjordbyte-<env>-<app+>-<part+>-<region>"},
	{"kms", 8, "<uuid>"},
	{"table", 14, "<app+>-<part+>-<env>"},
	{"function", 40, "<app+>-<part+>-<env>"},
	{"secret", 20, "<env>/<app+>/<part+>-<hex6>"},
	{"param", 60, "/<env>/<app+>/<part+>"},
	{"db", 6, "<app+>-<env>-<n2>"},
	{"dbcluster", 3, "<app+>-aurora-<env>"},
	{"dbsnap", 30, "rds:<app+>-<env>-2026-10-<n2>-03-11"},
	{"eks", 2, "<env>-<app+>"},
	{"nodegroup", 4, "<env>-workers-<n2>"},
	{"ecs", 3, "<env>-<app+>"},
	{"task", 60, "<hex32>"},
	{"taskdef", 16, "<app+>-<part+>:<n3>"},
	{"repo", 18, "fjordbyte/<app+>-<part+>"},
	{"digest", 120, "sha256:<hex64>"},
	{"queue", 16, "<app+>-<part+>-<env>"},
	{"topic", 10, "<app+>-<part+>"},
	{"stack", 14, "<env>-<app+>-<part+>"},
	{"alarm", 30, "<app+>-<part+>-errors"},
	{"rule", 14, "<app+>-<part+>-schedule"},
	{"machine", 6, "<app+>-<part+>-flow"},
	{"lb", 5, "<app+>-<env>/<hex16>"},
	{"tg", 10, "<app+>-<part+>/<hex16>"},
	{"asg", 8, "<app+>-<env>-2026<n4>"},
	{"cert", 6, "<uuid>"},
	{"zone", 4, "Z<n8>FJORD"},
	{"dist", 4, "EFJORD<n6>"},
	{"stream", 5, "<app+>-events-<env>"},
	{"cache", 4, "<app+>-cache-<env>"},
	{"workgroup", 3, "<app+>-analysts"},
	{"gluedb", 4, "<app+>_lake"},
	{"gluetable", 20, "<app+>_<part+>"},
	{"restapi", 6, "fj<n8>"},
	{"project", 8, "<app+>-<part+>-build"},
	{"vault", 2, "<env>-vault"},
	{"trail", 2, "fjordbyte-<env>-trail"},
	{"detector", 1, "<hex32>"},
	{"policy", 20, "<app+>-<part+>-access"},
	{"user", 0, ""}, // the account's users, filled in by newLane
	{"role", 0, ""}, // its roles
	{"app", 0, ""},  // the names of its programs
	{"part", 0, ""}, // and of their parts
}

// The kinds that code asks for by name.
var (
	kindInstance = kindNamed("instance")
	kindEndpoint = kindNamed("vpce")
	kindBucket   = kindNamed("bucket")
	kindGroup    = kindNamed("sg")
	kindTrail    = kindNamed("trail")
	kindUser     = kindNamed("user")
	kindRole     = kindNamed("role")
	kindApp      = kindNamed("app")
	kindPart     = kindNamed("part")
)

func kindNamed(name string) uint8 {
	for k, spec := range worldSpec {
		if spec.name == name {
			return uint8(k)
		}
	}
	return 0
}

// apps and parts are what a company that books berths for boats would name
// its programs.
var apps = [...]string{
	"booking", "billing", "harbour", "ledger", "catch", "quay", "ferry", "tide",
	"invoice", "mailer", "search", "gateway", "weather", "reports", "auth", "media",
}

var parts = [...]string{
	"api", "worker", "events", "images", "archive", "exports", "sync", "cache",
	"config", "tokens", "uploads", "metrics", "webhook", "batch", "backup", "orders",
}

// keyPatterns are the names of objects in buckets: long-tailed, like the real
// thing, and now and then not ASCII.
var keyPatterns = [...]string{
	"events/dt=<day>/hour=<hh>/part-<n5>-<uuid>.snappy.parquet",
	"uploads/<hex2>/<hex2>/<hex32>.jpg",
	"<app>/<part>/<date>/<n9>.json.gz",
	"AWSLogs/<account>/elasticloadbalancing/<region>/<date>/<account>_elasticloadbalancing_<region>_app.<app>.<n6>.log.gz",
	"exports/<day>/<app>-<n6>.csv",
	"terraform/<env>/<app>/terraform.tfstate",
	"thumbnails/<n4>x<n4>/<hex24>.webp",
	"backup/<app>/<date>/<n3>.tar.zst",
	"kunder/troms\u00f8/<n6>.pdf",
}

// world holds the names of everything in worldSpec, one list per kind.
type world [len(worldSpec)][]string

// pick returns the thing of this kind that the record is about; asked again
// for the same record it gives the same, unless another one is wanted.
func (m *maker) pick(kind uint8, another bool) string {
	pool := m.rec.lane.world[kind]
	if len(pool) == 0 {
		return ""
	}
	if another {
		return pool[m.src.n(len(pool))]
	}
	if m.picked&(1<<kind) == 0 {
		m.picked |= 1 << kind
		m.chosen[kind] = uint8(m.choose(kind, len(pool)))
	}
	return pool[m.chosen[kind]]
}

// choose draws one of n things. A program mostly works on its own table and
// its own bucket, people on the same thing for a while.
func (m *maker) choose(kind uint8, n int) int {
	seed, draw := m.rec.burst, m.src.n(100)
	if w := m.caller.who; w != nil {
		seed += w.seed
		if w.habits && draw < 50 {
			seed = w.seed
		}
	}
	if draw >= 85 {
		return m.src.skewed(n)
	}
	return skew(mix(seed+uint64(kind), uint64(draw&1)), n)
}

// objectKey returns the key of the object the record is about.
func (m *maker) objectKey() []byte {
	if len(m.key) == 0 {
		patterns := m.gen.catalog.keys
		i := m.src.skewed(len(patterns))
		if w := m.caller.who; w != nil && w.habits {
			i = skew(mix(w.seed, 0), len(patterns))
		}
		m.key = m.expand(m.key, patterns[i])
	}
	return m.key
}
