package cloudtrail

import (
	"context"
	"slices"
	"strings"
	"time"

	"tarn/internal/uuid"
	"tarn/lake/statedb"
	"tarn/server/access"
	"tarn/server/fault"
)

var dashboardOperations = []operation{
	op("CreateDashboard", access.Manage, (*API).createDashboard),
	op("DeleteDashboard", access.Manage, (*API).deleteDashboard),
	op("GetDashboard", access.Query, (*API).getDashboard),
	op("ListDashboards", access.Query, (*API).listDashboards),
	op("StartDashboardRefresh", access.Query, (*API).startDashboardRefresh),
	op("UpdateDashboard", access.Manage, (*API).updateDashboard),
}

const (
	dashboardKind statedb.Kind = "dashboard"
	// dashboardARN begins the ARNs of dashboards.
	dashboardARN = "arn:aws:cloudtrail:" + channelRegion + ":000000000000:dashboard/"
	// maxDashboards is how many there are, maxWidgets how many one has.
	maxDashboards = 100
	maxWidgets    = 10
)

// dashboard is what is kept of one.
type dashboard struct {
	By                    string // the id of the credential that made it
	Widgets               []widget
	RefreshSchedule       *refreshSchedule `json:",omitempty"`
	TerminationProtection bool
	Created, Updated      time.Time
	LastRefreshId         string `json:",omitempty"`
	LastRefreshFailure    string `json:",omitempty"`
}

type requestWidget struct {
	QueryStatement  string            `aws:"required,min=1,max=10000"`
	QueryParameters []string          `json:",omitempty" aws:"min=1,max=10"`
	ViewProperties  map[string]string `aws:"required"`
}

// widget is one with the name under which its queries are asked.
type widget struct {
	QueryAlias string
	requestWidget
}

type refreshFrequency struct {
	Unit  string `aws:"in=HOURS|DAYS"`
	Value int
}

type refreshSchedule struct {
	Frequency *refreshFrequency `json:",omitempty"`
	Status    string            `json:",omitempty" aws:"in=ENABLED|DISABLED"`
	TimeOfDay string            `json:",omitempty" aws:"is=clock"`
}

// check says what of a schedule cannot be, and makes it one that does not run: nothing
// is refreshed here without somebody who asks, and no answer says otherwise.
func (s *refreshSchedule) check() error {
	if s == nil {
		return nil
	}
	if f := s.Frequency; f != nil && !(f.Unit == "DAYS" && f.Value == 1 || f.Unit == "HOURS" && slices.Contains([]int{1, 6, 12, 24}, f.Value)) {
		return fault.New("ValidationException", "RefreshSchedule.Frequency is 1, 6, 12 or 24 HOURS, or 1 DAYS")
	}
	s.Status = "DISABLED"
	return nil
}

// custom dashboards are the ones that there are.
const customDashboard = "CUSTOM"

type dashboardDetail struct {
	DashboardArn                 string
	Name                         string `json:",omitempty"`
	Type                         string
	Widgets                      []widget
	RefreshSchedule              *refreshSchedule `json:",omitempty"`
	TerminationProtectionEnabled bool
}

func detailOfDashboard(name string, d dashboard) dashboardDetail {
	return dashboardDetail{dashboardARN + name, name, customDashboard, d.Widgets, d.RefreshSchedule, d.TerminationProtection}
}

// seesDashboard reports whether a dashboard is there for somebody: its statements may
// name any store.
func seesDashboard(who access.Principal, act access.Act, d dashboard) bool {
	return (len(who.Stores) == 0 || d.By == who.ID) && who.MayAtAll(act) == nil
}

// dashboard is the dashboard that a caller means by its name or ARN.
func (a *API) dashboard(who access.Principal, act access.Act, ref string) (statedb.Kept[dashboard], error) {
	name := ref
	if rest, ok := strings.CutPrefix(ref, "arn:"); ok {
		_, name, _ = strings.Cut(rest, ":dashboard/")
	}
	one, ok, err := statedb.KeptOf[dashboard](a.State, dashboardKind, name)
	sees := ok && seesDashboard(who, act, one.Doc)
	if act == access.Query && ok && who.Does("StartDashboardRefresh") {
		sees = who.MayRefresh(dashboardARN+name, sees)
	}
	if err == nil && !sees {
		err = fault.New("ResourceNotFoundException", "there is no dashboard %s", ref)
	}
	return one, err
}

type createDashboardInput struct {
	Name                         string `aws:"required,min=3,max=128,is=dashboard"`
	RefreshSchedule              *refreshSchedule
	TagsList                     []tag `aws:"max=200"`
	TerminationProtectionEnabled bool
	Widgets                      []requestWidget
}

type createDashboardOutput struct {
	dashboardDetail
	TagsList []tag `json:",omitempty"`
}

func (a *API) createDashboard(ctx context.Context, who access.Principal, in *createDashboardInput) (*createDashboardOutput, error) {
	_, err := tagsOf(in.TagsList)
	if err == nil {
		err = in.RefreshSchedule.check()
	}
	now := time.Now().UTC()
	d := dashboard{By: who.ID, RefreshSchedule: in.RefreshSchedule, TerminationProtection: in.TerminationProtectionEnabled, Created: now, Updated: now}
	if err == nil {
		d.Widgets, err = a.widgets(ctx, who, in.Widgets, nil)
	}
	if err != nil {
		return nil, err
	}
	a.keeping.Lock()
	defer a.keeping.Unlock()
	all, err := statedb.AllKept[dashboard](a.State, dashboardKind)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(all, func(one statedb.Kept[dashboard]) bool { return one.ID == in.Name }) {
		return nil, fault.New("ConflictException", "there is a dashboard %s already", in.Name)
	}
	if len(all) >= maxDashboards {
		return nil, fault.New("ServiceQuotaExceededException", "there are %d dashboards; that is how many there may be", len(all))
	}
	if err = a.keepDashboard(in.Name, d); err == nil {
		err = a.tag("dashboard/"+in.Name, in.TagsList)
	}
	return &createDashboardOutput{detailOfDashboard(in.Name, d), in.TagsList}, err
}

func (a *API) keepDashboard(name string, d dashboard) error {
	return statedb.Keep(a.State, dashboardKind, statedb.Kept[dashboard]{ID: name, Created: d.Created, Doc: d})
}

// widgets are those that are asked for, if their statements can be asked. One that was
// there before keeps its alias.
func (a *API) widgets(ctx context.Context, who access.Principal, given []requestWidget, were []widget) ([]widget, error) {
	if len(given) > maxWidgets {
		return nil, fault.New("ServiceQuotaExceededException", "there are %d widgets; a dashboard has at most %d", len(given), maxWidgets)
	}
	snap, release := a.seen(who.Doing("StartQuery"), access.Query)
	defer release()
	all := []widget{}
	for i, w := range given {
		values := usualValues(time.Now())
		if stores := snap.Stores(); len(stores) > 0 {
			values["$EventDataStoreId$"] = stores[0].ID
		}
		statement, err := w.filled(values)
		if err == nil && values["$EventDataStoreId$"] != "" {
			err = a.Jobs.Check(ctx, snap, statement)
		}
		if err != nil {
			return nil, err
		}
		one := widget{"widget-" + uuid.New(), w}
		if i < len(were) && were[i].QueryStatement == w.QueryStatement && slices.Equal(were[i].QueryParameters, w.QueryParameters) {
			one.QueryAlias = were[i].QueryAlias
		}
		all = append(all, one)
	}
	return all, nil
}

type dashboardInput struct {
	DashboardId string `aws:"required,max=256,is=ref"`
}

func (a *API) deleteDashboard(_ context.Context, who access.Principal, in *dashboardInput) (*none, error) {
	a.keeping.Lock()
	defer a.keeping.Unlock()
	one, err := a.dashboard(who, access.Manage, in.DashboardId)
	if err == nil && one.Doc.TerminationProtection {
		err = fault.New("ConflictException", "the dashboard %s is protected", one.ID).With("UpdateDashboard with TerminationProtectionEnabled false, then delete it")
	}
	if err != nil {
		return nil, err
	}
	if err := a.State.Forget(dashboardKind, one.ID); err != nil {
		return nil, err
	}
	if _, err := a.Policies.Remove(dashboardARN + one.ID); err != nil {
		return nil, err
	}
	return &none{}, a.State.ForgetTags("dashboard/" + one.ID)
}

type listDashboardsInput struct {
	NamePrefix string `aws:"min=3,max=128,is=dashboard"`
	Type       string `aws:"in=CUSTOM|MANAGED"`
	NextToken  string `aws:"min=4,max=1000"`
	MaxResults int    `aws:"min=1,max=1000"`
}

type listedDashboard struct{ DashboardArn, Type string }

type listDashboardsOutput struct {
	Dashboards []listedDashboard
	NextToken  string `json:",omitempty"`
}

func (a *API) listDashboards(_ context.Context, who access.Principal, in *listDashboardsInput) (*listDashboardsOutput, error) {
	all, err := statedb.AllKept[dashboard](a.State, dashboardKind)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(one statedb.Kept[dashboard]) bool {
		return !seesDashboard(who, access.Query, one.Doc) || !strings.HasPrefix(one.ID, in.NamePrefix) || in.Type == "MANAGED"
	})
	some, next, err := page(all, func(one statedb.Kept[dashboard]) string { return one.ID }, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &listDashboardsOutput{Dashboards: []listedDashboard{}, NextToken: next}
	for _, one := range some {
		out.Dashboards = append(out.Dashboards, listedDashboard{dashboardARN + one.ID, customDashboard})
	}
	return out, nil
}

type updateDashboardInput struct {
	dashboardInput
	Widgets                      []requestWidget
	RefreshSchedule              *refreshSchedule
	TerminationProtectionEnabled *bool
}

type updateDashboardOutput struct {
	dashboardDetail
	CreatedTimestamp, UpdatedTimestamp *Time
}

func (a *API) updateDashboard(ctx context.Context, who access.Principal, in *updateDashboardInput) (*updateDashboardOutput, error) {
	if err := in.RefreshSchedule.check(); err != nil {
		return nil, err
	}
	a.keeping.Lock()
	defer a.keeping.Unlock()
	one, err := a.dashboard(who, access.Manage, in.DashboardId)
	if err != nil {
		return nil, err
	}
	d := one.Doc
	if in.Widgets != nil {
		if d.Widgets, err = a.widgets(ctx, who, in.Widgets, d.Widgets); err != nil {
			return nil, err
		}
	}
	if in.RefreshSchedule != nil {
		d.RefreshSchedule = in.RefreshSchedule
	}
	if in.TerminationProtectionEnabled != nil {
		d.TerminationProtection = *in.TerminationProtectionEnabled
	}
	d.Updated = time.Now().UTC()
	return &updateDashboardOutput{detailOfDashboard(one.ID, d), at(d.Created), at(d.Updated)}, a.keepDashboard(one.ID, d)
}
