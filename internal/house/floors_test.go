package house_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// module is the path of this module, as go.mod names it.
const module = "tarn"

// room is one line of the floor plan.
type room struct {
	name  string   // a package, or a folder with all below it: "lake/..."
	uses  []string // what it may import of this module, besides itself
	tests []string // what its tests may import on top of that
}

// plan is the floor plan, from the cellar to the roof. A call goes down the
// stairs; the three rooms above the lake have no doors between them. The first
// line that fits a package counts.
var plan = []room{
	// The cellar: tools without opinions, each for itself.
	{"internal/eventgen/...", []string{"schemas/..."}, []string{"internal/..."}},
	{"internal/s3", []string{"internal/hint"}, []string{"internal/..."}},
	{"internal/sqs", []string{"internal/s3", "internal/hint"}, []string{"internal/..."}},
	{"internal/jetstream", []string{"internal/hint"}, []string{"internal/..."}},
	{"internal/...", nil, []string{"internal/..."}},

	// Ground floor: what an event is. jscan is the one tool from the cellar,
	// because fields are found in the raw bytes and the scanner is pure; apart
	// from it the room stands alone.
	{"schemas/...", []string{"internal/jscan"}, []string{"internal/..."}},

	// First floor: owns the disk.
	{"lake/...", []string{"schemas/...", "internal/..."}, nil},

	// Second floor: in, out and ageing. A test may fill a lake by way of
	// ingest, so that it asks questions about real records.
	{"ingest/...", []string{"lake/...", "schemas/...", "internal/..."}, nil},
	{"query/...", []string{"lake/...", "schemas/...", "internal/..."}, []string{"ingest/..."}},
	{"retention/...", []string{"lake/...", "internal/..."}, []string{"ingest/...", "schemas/..."}},

	// Out again, in the form in which things came in.
	{"export/...", []string{"ingest/...", "lake/...", "schemas/...", "internal/..."}, nil},

	// Third floor: the faces.
	{"report/...", []string{"query/...", "lake/...", "internal/..."}, []string{"ingest/...", "schemas/..."}},
	{"server/...", []string{"report/...", "export/...", "retention/...", "query/...", "ingest/...", "lake/...", "schemas/...", "internal/..."}, nil},

	// The roof, and those who look at the whole house.
	{"cmd/...", []string{"..."}, nil},
	{"bench/...", []string{"..."}, nil},
}

// door is where an outside package may come in.
type door struct {
	outside string   // the package, and all whose path begins with it
	rooms   []string // who may import it
	tests   bool     // tests may import it anywhere
	why     string   // said to those who may not
}

// doors names the outside packages that not everybody may import. The first
// line that fits an import counts.
var doors = []door{
	{"github.com/duckdb", []string{"query/internal/duck", "bench"}, false, "the engine must stay exchangeable, and needs cgo"},
	{"github.com/parquet-go", []string{"lake/internal/segment"}, true, "the bytes of a segment are that room's business"},
	{"github.com/apache/arrow-go", []string{"schemas/...", "lake/internal/segment", "query/result", "query/internal/duck"}, false, "pass events or rows"},
	{"modernc.org/sqlite", []string{"lake/internal/index", "lake/statedb"}, false, "the index is derived and must stay exchangeable; ask package statedb for what is no evidence"},
	{"github.com/landlock-lsm", []string{"internal/confine"}, false, "what a process gives up it gives up by package confine"},
	{"kernel.org/pub/linux/libs/security/libcap", []string{"internal/confine"}, false, "what a process gives up it gives up by package confine"},
	{"github.com/transparency-dev/merkle", []string{"lake/laketest"}, true, "it is for tests, which check proofs with other code than made them"},
	{"golang.org/x/mod/sumdb", []string{"lake/..."}, true, "proofs are the lake's"},
	{"filippo.io/torchwood", []string{"lake/..."}, true, "whose signatures count is the lake's to say"},
	{"github.com/DataDog/zstd", []string{"lake/internal/segment"}, false, "it needs cgo, which only those who write much are worth"},
	{"github.com/FastFilter/xorfilter", []string{"lake/internal/needle"}, false, "ask a needle filter"},
	{"github.com/aws/aws-sdk-go-v2/service/sqs", []string{"internal/sqs"}, true, "queues are asked by package sqs"},
	{"github.com/aws", []string{"internal/s3", "internal/sqs"}, true, "object storage is asked by package s3; elsewhere we are what it talks to"},
	{"github.com/nats-io", []string{"internal/jetstream"}, true, "streams are asked by package jetstream"},
	{"codeberg.org/go-pdf/fpdf", []string{"report/page"}, false, "what stands on paper is that room's business"},
	{"golang.org/x/image", []string{"report/page"}, false, "it is there for the fonts of the paper"},
	{"github.com/adhocore/gronx", []string{"report/schedule"}, false, "ask a schedule.Cron: it knows of time zones"},
	{"github.com/wneessen/go-mail", []string{"report/deliver"}, false, "reports are delivered there"},
	{"github.com/emersion", nil, true, "it is who takes our mail, in tests"},
	{"github.com/standard-webhooks", nil, true, "it checks in tests what we sign"},
	{"github.com/spf13/cobra", []string{"cmd/..."}, false, "flags are the roof's"},
	{"golang.org/x/term", []string{"internal/lineedit", "cmd/..."}, false, "only faces know of terminals"},
	{"github.com/rs/zerolog/log", nil, false, "pass a logger; never use the global one"},
	{"github.com/rs/zerolog", []string{"cmd/...", "server/...", "report/...", "ingest/...", "bench"}, false, "what is called returns its error; only what runs unattended logs"},
}

// bothWays are used where there is cgo, and done without where there is none: one makes
// a system call in every thread, whoever started that, one compresses.
var bothWays = []string{"kernel.org/pub/linux/libs/security/libcap/psx", "github.com/DataDog/zstd"}

// pure are the rooms that must build without cgo.
var pure = []string{"internal/...", "schemas/...", "lake/...", "ingest/...", "retention/...", "report/page/..."}

// pkg is what go list tells about a package.
type pkg struct {
	ImportPath   string
	Standard     bool
	CgoFiles     []string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
}

// name is the path of a package of this module without the module.
func (p pkg) name() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

func TestFloors(t *testing.T) {
	for _, p := range list(t) {
		report(t, trespasses(p))
	}
}

func TestPureRoomsNeedNoCgo(t *testing.T) {
	report(t, cgoUsers(list(t, "-deps")))
}

// list runs go list over the module.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	// The test cache does not see what go list reads. It sees what the test
	// itself looks at, so looking at every folder keeps a stale "ok" away.
	files(t)

	cmd := exec.Command("go", append([]string{"list", "-e", "-json"}, append(args, "./...")...)...)
	cmd.Dir = root
	// With cgo, or files that need it are not listed.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, &stderr)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("%v: %v", cmd, err)
		}
		all = append(all, p)
	}
}

// trespasses returns a complaint for each import that the plan or the doors
// forbid to p.
func trespasses(p pkg) []string {
	at := slices.IndexFunc(plan, func(r room) bool { return matches(r.name, p.name()) })
	if at < 0 {
		return []string{p.name() + " has no room in the floor plan"}
	}
	r := plan[at]
	var complaints []string
	check := func(imported string, uses []string, isTest bool) {
		complaint := crossing(p.name(), imported, uses)
		if complaint == "" {
			complaint = entering(p.name(), imported, isTest)
		}
		if complaint != "" && !slices.Contains(complaints, complaint) {
			complaints = append(complaints, complaint)
		}
	}
	for _, i := range p.Imports {
		check(i, r.uses, false)
	}
	for _, i := range slices.Concat(p.TestImports, p.XTestImports) {
		check(i, slices.Concat(r.uses, r.tests), true)
	}
	return complaints
}

// crossing complains if a package imports one of this module that its room may
// not use.
func crossing(name, imported string, uses []string) string {
	imported, ours := strings.CutPrefix(imported, module+"/")
	if !ours || roomOf(imported) == roomOf(name) || matchesAny(uses, imported) {
		return ""
	}
	may := strings.Join(uses, " ")
	if may == "" {
		may = "nothing of this module"
	}
	return fmt.Sprintf("%s imports %s; it may use: %s", name, imported, may)
}

// entering complains if a package imports something through a door that is not
// its own.
func entering(name, imported string, isTest bool) string {
	if !isTest && !isForTests(name) && (below("testing", imported) || strings.HasPrefix(imported, module+"/") && isForTests(imported)) {
		return fmt.Sprintf("%s imports %s outside its tests; only packages named …test may", name, strings.TrimPrefix(imported, module+"/"))
	}
	at := slices.IndexFunc(doors, func(d door) bool { return below(d.outside, imported) })
	if at < 0 {
		return ""
	}
	d := doors[at]
	if matchesAny(d.rooms, name) || d.tests && isTest {
		return ""
	}
	may := strings.Join(d.rooms, " ")
	if may == "" {
		may = "nobody"
	}
	return fmt.Sprintf("%s imports %s; it is open to: %s (%s)", name, imported, may, d.why)
}

// cgoUsers returns a complaint for each package of a pure room that cannot be
// built without cgo. It wants the packages together with their dependencies.
func cgoUsers(all []pkg) []string {
	withC := map[string]bool{}
	for _, p := range all {
		// The standard library has a way without cgo for all it has with it.
		withC[p.ImportPath] = !p.Standard && len(p.CgoFiles) > 0 && !slices.Contains(bothWays, p.ImportPath)
	}
	var complaints []string
	for _, p := range all {
		if !strings.HasPrefix(p.ImportPath, module+"/") || !matchesAny(pure, p.name()) {
			continue
		}
		for _, dep := range append(p.Deps, p.ImportPath) {
			if withC[dep] {
				complaints = append(complaints, fmt.Sprintf("%s must build without cgo, but needs %s", p.name(), dep))
			}
		}
	}
	return complaints
}

// roomOf is the folder whose packages may import each other freely: the first
// element of the path, and in the cellar the second too.
func roomOf(name string) string {
	first, rest, _ := strings.Cut(name, "/")
	if first == "internal" {
		second, _, _ := strings.Cut(rest, "/")
		return first + "/" + second
	}
	return first
}

// matches says whether a pattern of the go command's kind fits a package.
func matches(pattern, name string) bool {
	if pattern == "..." {
		return true
	}
	if folder, ok := strings.CutSuffix(pattern, "/..."); ok {
		return below(folder, name)
	}
	return pattern == name
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, name) })
}

// below says whether name is folder itself or in it.
func below(folder, name string) bool {
	return name == folder || strings.HasPrefix(name, folder+"/")
}

// isForTests says whether a package exists for other packages' tests.
func isForTests(name string) bool { return strings.HasSuffix(name, "test") }

func TestFloorsComplain(t *testing.T) {
	tests := []struct {
		name string
		p    pkg
		want []string
	}{
		{"a sibling is not used",
			pkg{ImportPath: "tarn/ingest", Imports: []string{"fmt", "tarn/lake", "tarn/query"}},
			[]string{"ingest imports query; it may use: lake/... schemas/... internal/..."}},
		{"tests of query may fill a lake",
			pkg{ImportPath: "tarn/query", XTestImports: []string{"testing", "tarn/ingest/decode"}}, nil},
		{"query itself may not",
			pkg{ImportPath: "tarn/query", Imports: []string{"tarn/ingest/decode"}},
			[]string{"query imports ingest/decode; it may use: lake/... schemas/... internal/..."}},
		{"a room uses its own folders",
			pkg{ImportPath: "tarn/schemas", Imports: []string{"tarn/schemas/selector", "tarn/internal/jscan"}}, nil},
		{"schemas use nothing else of the cellar",
			pkg{ImportPath: "tarn/schemas/selector", Imports: []string{"tarn/internal/hint"}},
			[]string{"schemas/selector imports internal/hint; it may use: internal/jscan"}},
		{"tools of the cellar do not use each other",
			pkg{ImportPath: "tarn/internal/uuid", Imports: []string{"tarn/internal/hint"}},
			[]string{"internal/uuid imports internal/hint; it may use: nothing of this module"}},
		{"only the generator knows events",
			pkg{ImportPath: "tarn/internal/eventgen", Imports: []string{"tarn/schemas"}}, nil},
		{"a new folder needs a room",
			pkg{ImportPath: "tarn/pkg/util"},
			[]string{"pkg/util has no room in the floor plan"}},
		{"the engine has one door",
			pkg{ImportPath: "tarn/cmd/tarn", Imports: []string{"github.com/duckdb/duckdb-go/v2"}},
			[]string{"cmd/tarn imports github.com/duckdb/duckdb-go/v2; it is open to: query/internal/duck bench (the engine must stay exchangeable, and needs cgo)"}},
		{"and that one is open",
			pkg{ImportPath: "tarn/query/internal/duck", Imports: []string{"github.com/duckdb/duckdb-go/v2"}}, nil},
		{"a test may read Parquet anywhere",
			pkg{ImportPath: "tarn/query", TestImports: []string{"github.com/parquet-go/parquet-go"}}, nil},
		{"the global logger is nobody's",
			pkg{ImportPath: "tarn/server", Imports: []string{"github.com/rs/zerolog", "github.com/rs/zerolog/log"}},
			[]string{"server imports github.com/rs/zerolog/log; it is open to: nobody (pass a logger; never use the global one)"}},
		{"a like name is not the same package",
			pkg{ImportPath: "tarn/server", Imports: []string{"github.com/spf13/cobra-like"}}, nil},
		{"testing stays in tests",
			pkg{ImportPath: "tarn/lake", Imports: []string{"testing", "tarn/lake/laketest"}},
			[]string{
				"lake imports testing outside its tests; only packages named …test may",
				"lake imports lake/laketest outside its tests; only packages named …test may",
			}},
		{"or in packages for tests",
			pkg{ImportPath: "tarn/lake/laketest", Imports: []string{"testing", "tarn/lake"}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, trespasses(tt.p)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestCgoUsersComplain(t *testing.T) {
	all := []pkg{
		{ImportPath: "net", Standard: true, CgoFiles: []string{"cgo_linux.go"}},
		{ImportPath: "example.com/c", CgoFiles: []string{"c.go"}},
		{ImportPath: "tarn/lake", Deps: []string{"net"}},
		{ImportPath: "tarn/ingest", Deps: []string{"net", "example.com/c"}},
		{ImportPath: "tarn/query", Deps: []string{"example.com/c"}},
	}
	want := []string{"ingest must build without cgo, but needs example.com/c"}
	if diff := cmp.Diff(want, cgoUsers(all)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
