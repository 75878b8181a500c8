package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tarn/server/access"
	"tarn/server/fault"
)

// model is what a server should have, as a program of a few lines has it.
type model struct {
	stores     map[string]*modelStore // by name
	channels   map[string]*modelChannel
	trails     map[string]bool
	dashboards map[string]bool              // whether it is protected
	tags       map[string]map[string]string // by ARN
	policies   map[string]string
}

type modelStore struct {
	arn                        string
	activity                   bool
	protected, stopped, killed bool
	days                       int
}

type modelChannel struct{ arn, store string }

const modelARN = "arn:aws:cloudtrail:us-east-1:000000000000:"

// step is a call, what it should be answered, and what is so afterwards.
type step struct {
	operation, input, code string
	then                   func(body string)
}

func one[V any](r *rand.Rand, of map[string]V, others ...string) string {
	all := append(slices.Sorted(maps.Keys(of)), others...)
	return all[r.IntN(len(all))]
}

// storeStep is a step about event data stores.
func (m *model) storeStep(r *rand.Rand) step {
	name := one(r, m.stores, "s-1", "s-2", "s-3", "s-4", "s-5")
	st := m.stores[name]
	about := fmt.Sprintf(`{"EventDataStore":%q}`, name)
	fails := func(operation, code string) step { return step{operation, about, code, func(string) {}} }
	if r.IntN(4) == 0 {
		activity := r.IntN(2) == 0
		selectors := ""
		if activity {
			selectors = `,"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["ActivityAuditLog"]}]}]`
		}
		s := step{"CreateEventDataStore", fmt.Sprintf(`{"Name":%q,"RetentionPeriod":90,"TerminationProtectionEnabled":%v%s}`, name, !activity, selectors), "", nil}
		s.then = func(body string) {
			var made struct{ EventDataStoreArn string }
			_ = json.Unmarshal([]byte(body), &made)
			m.stores[name] = &modelStore{arn: made.EventDataStoreArn, activity: activity, protected: !activity, days: 90}
		}
		if st != nil {
			s.code = "EventDataStoreAlreadyExistsException"
		}
		return s
	}
	operation := []string{"GetEventDataStore", "UpdateEventDataStore", "DeleteEventDataStore", "RestoreEventDataStore", "StopEventDataStoreIngestion", "StartEventDataStoreIngestion"}[r.IntN(6)]
	if st == nil {
		return fails(operation, "EventDataStoreNotFoundException")
	}
	leads := false
	for _, c := range m.channels {
		leads = leads || c.store == name
	}
	protect, days := r.IntN(3) == 0, 7+r.IntN(1000)
	switch operation {
	case "RestoreEventDataStore":
		if !st.killed {
			return fails(operation, "InvalidEventDataStoreStatusException")
		}
		return step{operation, about, "", func(string) { st.killed = false }}
	case "GetEventDataStore":
		return step{operation, about, "", func(string) {}}
	}
	switch {
	case st.killed:
		return fails(operation, "InactiveEventDataStoreException")
	case operation == "UpdateEventDataStore":
		return step{operation, fmt.Sprintf(`{"EventDataStore":%q,"RetentionPeriod":%d,"TerminationProtectionEnabled":%v}`, name, days, protect), "", func(string) { st.days, st.protected = days, protect }}
	case operation == "DeleteEventDataStore" && leads:
		return fails(operation, "ChannelExistsForEDSException")
	case operation == "DeleteEventDataStore" && st.protected:
		return fails(operation, "EventDataStoreTerminationProtectedException")
	case operation == "DeleteEventDataStore":
		return step{operation, about, "", func(string) { st.killed = true }}
	case st.activity:
		return fails(operation, "InvalidEventDataStoreCategoryException")
	case st.stopped == strings.HasPrefix(operation, "Stop"):
		return fails(operation, "InvalidEventDataStoreStatusException")
	}
	return step{operation, about, "", func(string) { st.stopped = !st.stopped }}
}

// channelStep is one about channels.
func (m *model) channelStep(r *rand.Rand) step {
	name := one(r, m.channels, "c-1", "c-2", "c-3")
	c := m.channels[name]
	if c == nil || r.IntN(3) == 0 {
		store := one(r, m.stores, "absent")
		st := m.stores[store]
		s := step{"CreateChannel", fmt.Sprintf(`{"Name":%q,"Source":"Custom","Destinations":[{"Type":"EVENT_DATA_STORE","Location":%q}]}`, name, store), "", nil}
		s.then = func(body string) {
			var made struct{ ChannelArn string }
			_ = json.Unmarshal([]byte(body), &made)
			m.channels[name] = &modelChannel{made.ChannelArn, store}
		}
		switch {
		case c != nil:
			s.code = "ChannelAlreadyExistsException"
		case st == nil:
			s.code = "EventDataStoreNotFoundException"
		case st.killed:
			s.code = "InactiveEventDataStoreException"
		case !st.activity:
			s.code = "InvalidEventDataStoreCategoryException"
		}
		return s
	}
	return step{"DeleteChannel", fmt.Sprintf(`{"Channel":%q}`, c.arn), "", func(string) {
		delete(m.channels, name)
		delete(m.policies, c.arn)
		delete(m.tags, c.arn)
	}}
}

// keptStep is one about trails and dashboards.
func (m *model) keptStep(r *rand.Rand) step {
	if r.IntN(2) == 0 {
		name := one(r, m.trails, "t-1", "t-2", "t-3", "t-4", "t-5", "t-6")
		there := m.trails[name]
		if r.IntN(2) == 0 {
			s := step{"CreateTrail", fmt.Sprintf(`{"Name":%q,"S3BucketName":"logs"}`, name), "", func(string) { m.trails[name] = true }}
			if there {
				s.code = "TrailAlreadyExistsException"
			} else if len(m.trails) == 5 {
				s.code = "MaximumNumberOfTrailsExceededException"
			}
			return s
		}
		operation := []string{"DeleteTrail", "StopLogging", "StartLogging", "GetTrail"}[r.IntN(4)]
		s := step{operation, fmt.Sprintf(`{"Name":%q}`, name), "", func(string) {}}
		switch {
		case !there:
			s.code = "TrailNotFoundException"
		case operation == "StartLogging":
			s.code = "UnsupportedOperationException"
		case operation == "DeleteTrail":
			s.then = func(string) { delete(m.trails, name); delete(m.tags, modelARN+"trail/"+name) }
		}
		return s
	}
	name := one(r, m.dashboards, "d-1", "d-2", "d-3")
	protected, there := m.dashboards[name]
	protect := r.IntN(2) == 0
	operation := []string{"CreateDashboard", "UpdateDashboard", "DeleteDashboard", "StartDashboardRefresh"}[r.IntN(4)]
	s := step{operation, fmt.Sprintf(`{"DashboardId":%q,"Name":%q,"TerminationProtectionEnabled":%v}`, name, name, protect), "", func(string) {}}
	switch {
	case operation == "CreateDashboard" && there, operation == "DeleteDashboard" && protected:
		s.code = "ConflictException"
	case operation != "CreateDashboard" && !there:
		s.code = "ResourceNotFoundException"
	case operation == "CreateDashboard" || operation == "UpdateDashboard":
		s.then = func(string) { m.dashboards[name] = protect }
	case operation == "DeleteDashboard":
		s.then = func(string) { delete(m.dashboards, name); delete(m.tags, modelARN+"dashboard/"+name) }
	}
	return s
}

// aboutStep is one about what stands with a resource: tags, policies and queries.
func (m *model) aboutStep(r *rand.Rand) step {
	name := one(r, m.stores)
	st := m.stores[name]
	arn, code, missing := st.arn, "", ""
	if st.killed {
		code = "InactiveEventDataStoreException"
	}
	if len(m.channels) > 0 && r.IntN(3) == 0 {
		arn, code = m.channels[one(r, m.channels)].arn, ""
	}
	if r.IntN(8) == 0 {
		arn, code, missing = modelARN+"channel/00000000-0000-4000-8000-000000000000", "ChannelNotFoundException", "ResourceNotFoundException"
	}
	key := "k" + strconv.Itoa(r.IntN(4))
	value := strconv.Itoa(r.IntN(100))
	action := "cloudtrail-data:PutAuditEvents"
	if strings.Contains(arn, ":eventdatastore/") {
		action = "cloudtrail:GetQueryResults"
	}
	text := fmt.Sprintf(`{"Version":"2012-10-17","Id":"%s","Statement":{"Effect":"Deny","Principal":{"AWS":"TARNAAAAAAAAAAAAAAAA"},"Action":"%s","Resource":"%s"}}`, value, action, arn)
	absent := missing
	if _, ok := m.policies[arn]; !ok && missing == "" {
		absent = "ResourcePolicyNotFoundException"
	}
	switch r.IntN(6) {
	case 0:
		return step{"AddTags", fmt.Sprintf(`{"ResourceId":%q,"TagsList":[{"Key":%q,"Value":%q}]}`, arn, key, value), code, func(string) {
			if m.tags[arn] == nil {
				m.tags[arn] = map[string]string{}
			}
			m.tags[arn][key] = value
		}}
	case 1:
		return step{"RemoveTags", fmt.Sprintf(`{"ResourceId":%q,"TagsList":[{"Key":%q}]}`, arn, key), code, func(string) { delete(m.tags[arn], key) }}
	case 2:
		return step{"PutResourcePolicy", fmt.Sprintf(`{"ResourceArn":%q,"ResourcePolicy":%q}`, arn, text), missing, func(string) { m.policies[arn] = text }}
	case 3:
		return step{"DeleteResourcePolicy", fmt.Sprintf(`{"ResourceArn":%q}`, arn), absent, func(string) { delete(m.policies, arn) }}
	case 4:
		return step{"GetResourcePolicy", fmt.Sprintf(`{"ResourceArn":%q}`, arn), absent, func(string) {}}
	}
	s := step{"StartQuery", fmt.Sprintf(`{"QueryStatement":"SELECT count(*) FROM \"%s\""}`, name), "", func(string) {}}
	if st.killed {
		s.code = "InactiveEventDataStoreException"
	}
	return s
}

// check holds what the server tells against the model.
func (m *model) check(t *testing.T, u user) {
	t.Helper()
	for name, st := range m.stores {
		status := "ENABLED"
		switch {
		case st.killed:
			status = "PENDING_DELETION"
		case st.stopped:
			status = "STOPPED_INGESTION"
		}
		u.does(t, "GetEventDataStore", fmt.Sprintf(`{"EventDataStore":%q}`, name), 200, fmt.Sprintf(`"Status":%q`, status))
		u.does(t, "GetEventDataStore", fmt.Sprintf(`{"EventDataStore":%q}`, st.arn), 200, fmt.Sprintf(`"RetentionPeriod":%d,"TerminationProtectionEnabled":%v`, st.days, st.protected))
	}
	names := func(operation, list, member string, want []string) {
		t.Helper()
		var got []string
		var out map[string]json.RawMessage
		var all []map[string]any
		status, body := u.call(t, operation, "{}", &out)
		_ = json.Unmarshal(out[list], &all)
		for _, one := range all {
			text := fmt.Sprint(one[member])
			got = append(got, text[strings.LastIndex(text, "/")+1:])
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d %s; want %v", operation, status, body, want)
		}
	}
	names("ListChannels", "Channels", "Name", slices.Sorted(maps.Keys(m.channels)))
	names("ListTrails", "Trails", "Name", slices.Sorted(maps.Keys(m.trails)))
	names("ListDashboards", "Dashboards", "DashboardArn", slices.Sorted(maps.Keys(m.dashboards)))
	for arn, text := range m.policies {
		in, _ := json.Marshal(text) // of a text
		u.does(t, "GetResourcePolicy", fmt.Sprintf(`{"ResourceArn":%q}`, arn), 200, string(in))
	}
	dead := map[string]bool{}
	for _, st := range m.stores {
		dead[st.arn] = st.killed
	}
	for arn, tags := range m.tags {
		if dead[arn] {
			continue
		}
		if body := u.does(t, "ListTags", fmt.Sprintf(`{"ResourceIdList":[%q]}`, arn), 200, ""); strings.Count(body, `"Key"`) != len(tags) {
			t.Errorf("the tags of %s: %s; want %v", arn, body, tags)
		}
	}
}

// A server does what the model does, whatever comes in what order, and after a restart.
// TARN_MODEL_SEED has another order, TARN_MODEL_STEPS makes it longer.
func TestTheServerDoesWhatTheModelDoes(t *testing.T) {
	number := func(name string, usual int) int {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return n
		}
		return usual
	}
	seed := number("TARN_MODEL_SEED", 1)
	r := rand.New(rand.NewPCG(uint64(seed), 0))
	h := newHost(t)
	u := h.user(t, access.Admin)
	m := &model{map[string]*modelStore{}, map[string]*modelChannel{}, map[string]bool{}, map[string]bool{}, map[string]map[string]string{}, map[string]string{}}
	for name, id := range h.ids {
		m.stores[name] = &modelStore{arn: modelARN + "eventdatastore/" + id, protected: true, days: 3653}
		days := fmt.Sprintf(`{"EventDataStore":%q,"RetentionPeriod":3653,"TerminationProtectionEnabled":true}`, name)
		u.does(t, "UpdateEventDataStore", days, 200, "")
	}
	steps := number("TARN_MODEL_STEPS", 600)
	for i := range steps {
		s := []func(*rand.Rand) step{m.storeStep, m.channelStep, m.keptStep, m.aboutStep}[r.IntN(4)](r)
		status, body := u.call(t, s.operation, s.input, nil)
		want := 200
		if s.code != "" {
			want = fault.StatusOf(s.code)
		}
		if status != want || !strings.Contains(body, s.code) {
			t.Fatalf("seed %d, step %d: %s %s: %d %s; want %d %s", seed, i, s.operation, s.input, status, body, want, s.code)
		}
		if s.code == "" {
			s.then(body)
		}
		if s.operation == "StartQuery" && s.code == "" { // of those under way there are ten
			var q struct{ QueryId string }
			_ = json.Unmarshal([]byte(body), &q)
			u.described(t, q.QueryId)
		}
		if i%(steps/3) == steps/3-1 {
			m.check(t, u)
			h.stop()
			h.start(t)
			m.check(t, u)
		}
	}
}
