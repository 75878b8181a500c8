package cloudtrail

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tarn/lake/statedb"
	"tarn/query/jobs"
	"tarn/server/access"
	"tarn/server/fault"
)

type getDashboardOutput struct {
	dashboardDetail
	Status                             string
	CreatedTimestamp, UpdatedTimestamp *Time
	LastRefreshId                      string `json:",omitempty"`
	LastRefreshFailureReason           string `json:",omitempty"`
}

func (a *API) getDashboard(ctx context.Context, who access.Principal, in *dashboardInput) (*getDashboardOutput, error) {
	one, err := a.dashboard(who, access.Query, in.DashboardId)
	if err != nil {
		return nil, err
	}
	d := one.Doc
	out := &getDashboardOutput{dashboardDetail: detailOfDashboard("", d), Status: "CREATED", CreatedTimestamp: at(d.Created), UpdatedTimestamp: at(d.Updated),
		LastRefreshId: d.LastRefreshId, LastRefreshFailureReason: d.LastRefreshFailure}
	out.DashboardArn = dashboardARN + one.ID
	if d.Updated.After(d.Created) {
		out.Status = "UPDATED"
	}
	if out.LastRefreshFailureReason == "" {
		out.LastRefreshFailureReason, err = a.failed(ctx, who, d)
	}
	return out, err
}

// asked are the queries of a dashboard's last refresh that somebody may know of.
func (a *API) asked(ctx context.Context, s jobs.Sight, d dashboard) (all []statedb.Query, err error) {
	if d.LastRefreshId == "" {
		return nil, nil
	}
	for _, w := range d.Widgets {
		some, _, err := a.Jobs.List(ctx, s, jobs.Filter{Alias: w.QueryAlias, Refresh: d.LastRefreshId}, "", 1)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// failed says why a query of the last refresh has no results; empty if none has failed.
func (a *API) failed(ctx context.Context, who access.Principal, d dashboard) (string, error) {
	all, err := a.asked(ctx, a.sight(who), d)
	for _, q := range all {
		if !q.Status.UnderWay() && q.Status != statedb.QueryFinished {
			return strings.TrimSpace(fmt.Sprintf("%s: the query %s is %s; %s", q.Alias, q.ID, q.Status, q.Reason)), err
		}
	}
	return "", err
}

type startDashboardRefreshInput struct {
	dashboardInput
	QueryParameterValues map[string]string
}

type startDashboardRefreshOutput struct{ RefreshId string }

// startDashboardRefresh asks the query of each widget, in the name of whoever asks for
// it. A widget that cannot be asked is told of in GetDashboard; it is an error where none
// can.
func (a *API) startDashboardRefresh(ctx context.Context, who access.Principal, in *startDashboardRefreshInput) (*startDashboardRefreshOutput, error) {
	now := time.Now().UTC()
	values := usualValues(now)
	for key, value := range in.QueryParameterValues {
		if wanted, ok := valuePatterns[key]; !ok || !wanted.MatchString(value) {
			return nil, fault.New("ValidationException", "QueryParameterValues: %.50q is %.100q; there are %s", key, value, strings.Join(valueNames(), ", "))
		}
		values[key] = value
	}
	a.keeping.Lock()
	defer a.keeping.Unlock()
	one, err := a.dashboard(who, access.Query, in.DashboardId)
	if err != nil {
		return nil, err
	}
	d := one.Doc
	all, err := a.asked(ctx, jobs.Sight{Store: func(string) bool { return true }}, d)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(all, func(q statedb.Query) bool { return q.Status.UnderWay() }) {
		return nil, fault.New("ServiceQuotaExceededException", "the dashboard %s is being refreshed", one.ID).With("wait for its queries to end, or cancel them")
	}
	d.LastRefreshId, d.LastRefreshFailure = strconv.FormatInt(now.UnixNano(), 10), ""
	var first error
	begun := len(d.Widgets) == 0
	for i, w := range d.Widgets {
		if err := a.askWidget(ctx, who, w, values, d.LastRefreshId); err != nil {
			f := fault.Of(err)
			if f == nil {
				return nil, err
			}
			if first == nil {
				first, d.LastRefreshFailure = err, fmt.Sprintf("widget %d: %s", i+1, f.Msg)
			}
			continue
		}
		begun = true
	}
	if err := a.keepDashboard(one.ID, d); err != nil {
		return nil, err
	}
	if !begun {
		return nil, first
	}
	return &startDashboardRefreshOutput{d.LastRefreshId}, nil
}

func (a *API) askWidget(ctx context.Context, who access.Principal, w widget, values map[string]string, refresh string) error {
	statement, err := w.filled(values)
	if err != nil {
		return err
	}
	snap, release := a.seen(who, access.Query)
	_, err = a.Jobs.Start(ctx, jobs.Question{Statement: statement, Alias: w.QueryAlias, Refresh: refresh, By: who.ID, Snapshot: snap, Release: release})
	return err
}

// valuePatterns are how the values are written that stand for a widget's parameters: they
// come into its statement as text.
var valuePatterns = map[string]*regexp.Regexp{
	"$StartTime$":        regexp.MustCompile(`^[-0-9T:. Z]{10,30}$`),
	"$EndTime$":          regexp.MustCompile(`^[-0-9T:. Z]{10,30}$`),
	"$Period$":           regexp.MustCompile(`^(?i)(second|minute|hour|day|week|month)$`),
	"$EventDataStoreId$": regexp.MustCompile(`^[a-f0-9-]{36}$`),
}

func valueNames() []string {
	return []string{"$StartTime$", "$EndTime$", "$Period$", "$EventDataStoreId$"}
}

// usualValues are those where nobody says: the last day, by the hour.
func usualValues(now time.Time) map[string]string {
	return map[string]string{"$StartTime$": now.Add(-24 * time.Hour).Format(time.DateTime), "$EndTime$": now.Format(time.DateTime), "$Period$": "hour"}
}

// filled is a widget's statement with values in the place of its question marks.
func (w requestWidget) filled(values map[string]string) (string, error) {
	in := startQueryInput{QueryStatement: w.QueryStatement}
	for _, name := range w.QueryParameters {
		value := values[name]
		if _, known := valuePatterns[name]; !known {
			value = name // it is a value itself
		}
		if value == "" {
			return "", fault.New(fault.Invalid, "the widget needs a value of %s", name).With("QueryParameterValues has it")
		}
		in.QueryParameters = append(in.QueryParameters, value)
	}
	return in.statement()
}
