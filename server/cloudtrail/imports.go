package cloudtrail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tarn/lake"
	"tarn/lake/statedb"
	"tarn/server/access"
	"tarn/server/fault"
)

var importOperations = []operation{
	op("GetImport", access.Query, (*API).getImport),
	op("ListImportFailures", access.Query, (*API).listImportFailures),
	op("ListImports", access.Query, (*API).listImports),
	op("StartImport", access.Manage, (*API).startImport),
	op("StopImport", access.Manage, (*API).stopImport),
}

type s3ImportSource struct {
	S3LocationUri         string `aws:"required,max=1024"`
	S3BucketRegion        string `aws:"required,max=128"`
	S3BucketAccessRoleArn string `aws:"required,max=2048"`
}

type importSource struct {
	S3 *s3ImportSource `aws:"required"`
}

type startImportInput struct {
	Destinations   []string `aws:"min=1,max=1"`
	ImportSource   *importSource
	StartEventTime Time
	EndEventTime   Time
	ImportId       string `aws:"min=36,max=36,is=id"`
}

type importDetail struct {
	ImportId         string
	Destinations     []string
	ImportSource     *importSource `json:",omitempty"`
	StartEventTime   *Time         `json:",omitempty"`
	EndEventTime     *Time         `json:",omitempty"`
	ImportStatus     statedb.ImportStatus
	CreatedTimestamp *Time
	UpdatedTimestamp *Time
}

func detailOfImport(i statedb.Import) importDetail {
	d := importDetail{ImportId: i.ID, Destinations: []string{lake.Store{ID: i.Store}.ARN()}, ImportStatus: i.Status,
		CreatedTimestamp: at(i.Created), UpdatedTimestamp: at(i.Updated)}
	if b := i.Bucket; b != nil {
		d.ImportSource = &importSource{&s3ImportSource{b.URI, b.Region, b.Role}}
		d.StartEventTime, d.EndEventTime = at(b.From), at(b.To)
	}
	return d
}

// importStatistics count. What AWS calls prefixes are the parts of a bucket that it
// reads by themselves; here it is one.
type importStatistics struct {
	PrefixesFound, PrefixesCompleted, FilesCompleted, EventsCompleted, FailedEntries int64
}

type importOutput struct {
	importDetail
	ImportStatistics importStatistics
}

func statisticsOf(i statedb.Import) importStatistics {
	c := i.Counts
	s := importStatistics{PrefixesFound: 1, FilesCompleted: c.Files, EventsCompleted: c.Stored, FailedEntries: c.Rejected + c.Unread}
	if i.Status == statedb.Completed {
		s.PrefixesCompleted = 1
	}
	return s
}

func (a *API) startImport(ctx context.Context, who access.Principal, in *startImportInput) (*importDetail, error) {
	if in.ImportId != "" {
		return a.resumeImport(ctx, who, in)
	}
	if len(in.Destinations) == 0 || in.ImportSource == nil || in.ImportSource.S3 == nil {
		return nil, fault.New(fault.Invalid, "Destinations and ImportSource are wanted, or the ImportId of an import to start again")
	}
	if !in.StartEventTime.IsZero() && !in.EndEventTime.IsZero() && in.EndEventTime.Before(in.StartEventTime.Time) {
		return nil, fault.New(fault.Invalid, "EndEventTime is before StartEventTime")
	}
	store, err := a.intoStore(who, in.Destinations[0])
	if err != nil {
		return nil, err
	}
	s3 := in.ImportSource.S3
	i, err := a.Imports.Start(ctx, store, statedb.BucketSource{
		URI: s3.S3LocationUri, Region: s3.S3BucketRegion, Role: s3.S3BucketAccessRoleArn, From: in.StartEventTime.Time, To: in.EndEventTime.Time})
	if err != nil {
		return nil, err
	}
	d := detailOfImport(i)
	return &d, nil
}

// intoStore is a store into which somebody may import.
func (a *API) intoStore(who access.Principal, ref string) (lake.Store, error) {
	store, err := a.store(who, access.Manage, ref)
	if err == nil {
		err = store.Usable()
	}
	if err == nil && store.Own() {
		err = fmt.Errorf("import into %s: %w", store.Name, lake.ErrOwnStore)
	}
	return store, err
}

func (a *API) resumeImport(ctx context.Context, who access.Principal, in *startImportInput) (*importDetail, error) {
	if len(in.Destinations) > 0 || in.ImportSource != nil || !in.StartEventTime.IsZero() || !in.EndEventTime.IsZero() {
		return nil, fault.New(fault.Invalid, "an import that is started again has its ImportId alone")
	}
	i, err := a.importOf(who, access.Manage, in.ImportId)
	if err != nil {
		return nil, err
	}
	store, err := a.intoStore(who, i.Store)
	if err != nil {
		return nil, err
	}
	if i, err = a.Imports.Resume(ctx, store, i); err != nil {
		return nil, err
	}
	d := detailOfImport(i)
	return &d, nil
}

// importOf is the import of that id, if somebody may do that with its store.
func (a *API) importOf(who access.Principal, act access.Act, id string) (statedb.Import, error) {
	i, err := a.Imports.Import(id)
	if err == nil {
		_, err = a.store(who, act, i.Store)
	}
	if errors.Is(err, lake.ErrStoreNotFound) {
		return statedb.Import{}, fmt.Errorf("%w: %s", statedb.ErrNoImport, id)
	}
	return i, err
}

type importInput struct {
	ImportId string `aws:"required,min=36,max=36,is=id"`
}

func (a *API) getImport(_ context.Context, who access.Principal, in *importInput) (*importOutput, error) {
	i, err := a.importOf(who, access.Query, in.ImportId)
	if err != nil {
		return nil, err
	}
	return &importOutput{detailOfImport(i), statisticsOf(i)}, nil
}

func (a *API) stopImport(ctx context.Context, who access.Principal, in *importInput) (*importOutput, error) {
	if _, err := a.importOf(who, access.Manage, in.ImportId); err != nil {
		return nil, err
	}
	if err := a.Imports.Stop(ctx, in.ImportId); err != nil {
		return nil, err
	}
	return a.getImport(ctx, who, in)
}

type listImportsInput struct {
	Destination  string `aws:"min=3,max=256,is=ref"`
	ImportStatus statedb.ImportStatus
	MaxResults   int    `aws:"min=1,max=1000"`
	NextToken    string `aws:"min=4,max=1000"`
}

type listedImport struct {
	ImportId         string
	Destinations     []string
	ImportStatus     statedb.ImportStatus
	CreatedTimestamp *Time
	UpdatedTimestamp *Time
}

type listImportsOutput struct {
	Imports   []listedImport
	NextToken string `json:",omitempty"`
}

func (a *API) listImports(_ context.Context, who access.Principal, in *listImportsInput) (*listImportsOutput, error) {
	if in.ImportStatus != "" && !slices.Contains(statedb.Statuses(), in.ImportStatus) {
		return nil, fault.New(fault.Invalid, "no import has the status %q; they are %v", in.ImportStatus, statedb.Statuses())
	}
	only := ""
	if in.Destination != "" {
		store, err := a.store(who, access.Query, in.Destination)
		if err != nil {
			return nil, err
		}
		only = store.ID
	}
	all, err := a.Imports.All()
	if err != nil {
		return nil, err
	}
	snap, release := a.seen(who, access.Query)
	defer release()
	all = slices.DeleteFunc(all, func(i statedb.Import) bool {
		_, err := snap.Store(i.Store)
		return err != nil || only != "" && i.Store != only || in.ImportStatus != "" && i.Status != in.ImportStatus
	})
	some, next, err := page(all, func(i statedb.Import) string { return i.ID }, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &listImportsOutput{Imports: []listedImport{}, NextToken: next}
	for _, i := range some {
		d := detailOfImport(i)
		out.Imports = append(out.Imports, listedImport{d.ImportId, d.Destinations, d.ImportStatus, d.CreatedTimestamp, d.UpdatedTimestamp})
	}
	return out, nil
}

type listImportFailuresInput struct {
	ImportId   string `aws:"required,min=36,max=36,is=id"`
	MaxResults int    `aws:"min=1,max=1000"`
	NextToken  string `aws:"min=4,max=1000"`
}

type importFailure struct {
	Location, Status, ErrorType, ErrorMessage string
	LastUpdatedTime                           *Time
}

type listImportFailuresOutput struct {
	Failures  []importFailure
	NextToken string `json:",omitempty"`
}

func (a *API) listImportFailures(_ context.Context, who access.Principal, in *listImportFailuresInput) (*listImportFailuresOutput, error) {
	i, err := a.importOf(who, access.Query, in.ImportId)
	if err != nil {
		return nil, err
	}
	type numbered struct {
		number string
		statedb.ImportFailure
	}
	var all []numbered
	for n, f := range i.Failures {
		all = append(all, numbered{fmt.Sprintf("%06d", n), f})
	}
	some, next, err := page(all, func(f numbered) string { return f.number }, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &listImportFailuresOutput{Failures: []importFailure{}, NextToken: next}
	for _, f := range some {
		out.Failures = append(out.Failures, importFailure{f.Path, "FAILED", f.Kind, f.Reason, at(i.Updated.Truncate(time.Millisecond))})
	}
	return out, nil
}
