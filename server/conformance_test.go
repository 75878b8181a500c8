package server_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tarn/server/access"
	"tarn/server/cloudtrail"
	"tarn/server/fault"
)

// operationFacts are those of one operation in testdata/operations.txt.
type operationFacts struct {
	name, act, answer, input string
	members                  []memberFacts
	others                   [][3]string // an input, and the error and status that it is answered
}

type memberFacts struct {
	name, kind, broken, code string // a text that is not written as it should be; the error
	required, enumerated     bool
	least, most              int // of a length or a range; most is 0 without one
}

// readFacts reads the table.
func readFacts(t *testing.T) (all []operationFacts) {
	t.Helper()
	f, err := os.Open("testdata/operations.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		word, rest, _ := strings.Cut(line, " ")
		switch fields := strings.Fields(line); {
		case line == "" || word == "#" || word == "":
		case word == "input":
			all[len(all)-1].input = rest
		case word == "none" || word == "state":
			n := len(fields)
			all[len(all)-1].others = append(all[len(all)-1].others, [3]string{strings.Join(fields[1:n-2], " "), fields[n-2], fields[n-1]})
		case len(fields) == 3 && slices.Contains([]string{"query", "manage", "audit"}, fields[1]):
			all = append(all, operationFacts{name: word, act: fields[1], answer: fields[2]})
		default:
			all[len(all)-1].members = append(all[len(all)-1].members, readMember(t, rest, word))
		}
	}
	return all
}

func readMember(t *testing.T, text, name string) memberFacts {
	t.Helper()
	m := memberFacts{name: name, kind: text[:1], code: "ValidationException"}
	rules := strings.TrimSpace(text[1:])
	if before, code, ok := strings.Cut(rules, "="); ok {
		rules, m.code = before, code
	}
	if before, broken, ok := strings.Cut(rules, "/"); ok {
		rules, m.broken = before, strings.TrimSuffix(strings.TrimSpace(broken), "/")
	}
	for rule := range strings.FieldsSeq(rules) {
		least, most, span := strings.Cut(rule, "-")
		switch {
		case rule == "*":
			m.required = true
		case rule == "{x}":
			m.enumerated = true
		case span:
			m.least, _ = strconv.Atoi(least)
			m.most, _ = strconv.Atoi(most)
		default:
			t.Fatalf("%s: the rule %q", name, rule)
		}
	}
	return m
}

// fixture is a server with what the table speaks of, and what stands for that.
func fixture(t *testing.T) (h *host, admin user, names *strings.Replacer) {
	t.Helper()
	h = newHost(t)
	admin = h.user(t, access.Admin)
	h.activityStore(t, "shop")
	var store struct{ EventDataStoreArn string }
	made := func(input string) string {
		t.Helper()
		if status, body := admin.call(t, "CreateEventDataStore", input, &store); status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		return store.EventDataStoreArn
	}
	insights := made(`{"Name":"odd","AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Insight"]}]}]}`)
	deleted := made(`{"Name":"gone","TerminationProtectionEnabled":false}`)
	admin.does(t, "DeleteEventDataStore", `{"EventDataStore":"gone"}`, 200, "")
	admin.does(t, "UpdateEventDataStore", `{"EventDataStore":"shop","TerminationProtectionEnabled":false}`, 200, "")
	admin.does(t, "CreateTrail", `{"Name":"fixture","S3BucketName":"logs"}`, 200, "")
	admin.does(t, "CreateDashboard", `{"Name":"fixture"}`, 200, "")
	query := admin.start(t, "SELECT 1")
	admin.described(t, query)
	const none, arn = "00000000-0000-4000-8000-000000000000", "arn:aws:cloudtrail:us-east-1:000000000000:"
	return h, admin, strings.NewReplacer("$STORE", arn+"eventdatastore/"+h.ids["cloudtrail"], "$SHOP", arn+"eventdatastore/"+h.ids["shop"],
		"$CHANNEL", admin.channel(t, "till", "shop"), "$QUERY", query, "$INSIGHTS", insights, "$DELETED", deleted, "$NOID", none,
		"$NOSTORE", arn+"eventdatastore/"+none, "$NOCHANNEL", arn+"channel/"+none, "$NOTRAIL", arn+"trail/absent", "$NODASHBOARD", arn+"dashboard/absent")
}

// breaks are inputs in which a member is not what it should be, with their errors.
func (m memberFacts) breaks(valid map[string]any) map[string]string {
	all := map[string]string{}
	with := func(value any, code string) {
		in := maps.Clone(valid)
		if in[m.name] = value; value == nil {
			delete(in, m.name)
		}
		text, _ := json.Marshal(in) // of what was read
		all[string(text)] = code
	}
	wrong := map[string]any{"s": 7, "i": "x", "b": "x", "t": "x", "l": "x", "o": "x", "O": "x"}
	if value, ok := wrong[m.kind]; ok {
		with(value, "SerializationException")
		with([]any{[]any{}}, "SerializationException")
	} else {
		with("x", m.code)
	}
	if m.required {
		with(nil, "ValidationException")
		in := maps.Clone(valid)
		in[m.name] = nil
		text, _ := json.Marshal(in)
		all[string(text)] = "ValidationException"
	}
	lengths := m.code
	if m.broken != "" && m.most > 0 && strings.Contains(m.code, "Token") {
		lengths = "ValidationException" // the pattern is the token's own
	}
	if m.most > 0 {
		with(m.of(m.most+1), lengths)
		if m.least > 0 && !(m.required && m.least == 1 && m.kind != "i") {
			with(m.of(m.least-1), lengths)
		}
	}
	if m.broken != "" {
		with(m.broken, m.code)
	}
	if m.enumerated {
		with("Nonsense", m.code)
	}
	return all
}

// of is a value of that length, or that number.
func (m memberFacts) of(n int) any {
	switch m.kind {
	case "i":
		return n
	case "l":
		return slices.Repeat([]string{"abc"}, n)
	case "O":
		return slices.Repeat([]map[string]string{{}}, n)
	}
	return strings.Repeat("1", n)
}

// Every operation answers what the table of facts says, of which CloudTrail's rules are
// made cases.
func TestEveryOperationConforms(t *testing.T) {
	h, admin, names := fixture(t)
	facts := readFacts(t)
	cases := 0
	ask := func(who user, operation, input, code string, status int) {
		t.Helper()
		cases++
		got, body := who.call(t, operation, input, nil)
		if got != status || status != 200 && !strings.Contains(body, `"__type":"`+code+`"`) {
			t.Errorf("%s %.300s: %d %.300s; want %d %s", operation, input, got, body, status, code)
		}
	}
	var seen []string
	roles := map[access.Role]user{}
	for _, role := range access.Roles() {
		roles[role] = h.user(t, role)
	}
	for _, o := range facts {
		seen = append(seen, o.name)
		ask(admin, o.name, `{"`, "SerializationException", 400)
		ask(admin, o.name, `[]`, "SerializationException", 400)
		input := names.Replace(o.input)
		for role, who := range roles {
			may := role == access.Admin || o.act == "query" && (role == access.Reader || role == access.Auditor) || o.act == "audit" && role == access.Auditor
			if !may {
				ask(who, o.name, input, "AccessDeniedException", 403)
			}
		}
		var valid map[string]any
		if err := json.Unmarshal([]byte(input), &valid); err != nil {
			t.Fatalf("%s: %v", o.name, err)
		}
		for _, m := range o.members {
			for in, code := range m.breaks(valid) {
				ask(admin, o.name, in, code, fault.StatusOf(code))
			}
		}
		for _, other := range o.others {
			status, _ := strconv.Atoi(other[2])
			ask(admin, o.name, names.Replace(other[0]), other[1], status)
		}
	}
	for _, o := range facts { // these change things, in the table's order
		if o.answer == "200" {
			ask(admin, o.name, names.Replace(o.input), "", 200)
		} else {
			ask(admin, o.name, names.Replace(o.input), o.answer, fault.StatusOf(o.answer))
		}
	}
	slices.Sort(seen)
	if !slices.Equal(seen, cloudtrail.Names()) {
		t.Errorf("the table has the operations %v", seen)
	}
	if cases < 600 {
		t.Errorf("%d cases", cases)
	}
	t.Log(fmt.Sprint(cases, " cases"))
}
