package main

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"tarn/lake"
	"tarn/server/audit"
	"tarn/server/fault"
)

// operationNames are the names under which commands stand in the lake's own store:
// CloudTrail's where it has an operation for the same thing.
var operationNames = map[string]string{
	"access create":          "CreateAccessKey",
	"access revoke":          "DeleteAccessKey",
	"backup":                 "Backup",
	"follow":                 "Follow",
	"follow add":             "CreateFollow",
	"follow remove":          "DeleteFollow",
	"hold place":             "PlaceHold",
	"hold release":           "ReleaseHold",
	"import":                 "StartImport",
	"export":                 "ExportEvents",
	"keys results":           "CreateResultKey",
	"keys rotate":            "RotateKey",
	"pin":                    "Backup",
	"prove":                  "ProveEvent",
	"put":                    "PutAuditEvents",
	"report record":          "RecordReport",
	"report run-due":         "RunDueReports",
	"report schedule add":    "CreateReportSchedule",
	"report schedule pause":  "UpdateReportSchedule",
	"report schedule remove": "DeleteReportSchedule",
	"report schedule resume": "UpdateReportSchedule",
	"retention apply":        "ApplyRetention",
	"store create":           "CreateEventDataStore",
	"store delete":           "DeleteEventDataStore",
	"store restore":          "RestoreEventDataStore",
	"store start-ingestion":  "StartEventDataStoreIngestion",
	"store stop-ingestion":   "StopEventDataStoreIngestion",
	"store update":           "UpdateEventDataStore",
	"witness add":            "AddWitness",
	"witness remove":         "RemoveWitness",
	"witness submit":         "SubmitCheckpoint",

	"access list":          "ListAccessKeys",
	"follow list":          "ListFollows",
	"hold list":            "ListHolds",
	"import list":          "ListImports",
	"import show":          "GetImport",
	"inspect":              "InspectLake",
	"keys public":          "GetLakeKeys",
	"log":                  "GetLog",
	"query":                "RunSQL",
	"report history":       "ListReports",
	"report run":           "RunReport",
	"report schedule list": "ListReportSchedules",
	"report schedule show": "GetReportSchedule",
	"report verify":        "VerifyReport",
	"retention plan":       "GetRetentionPlan",
	"status":               "GetStatus",
	"store list":           "ListEventDataStores",
	"store show":           "GetEventDataStore",
	"verify":               "VerifyLake",
	"witness list":         "ListWitnesses",
}

// unknownCommand is the name of a command line that is none.
const unknownCommand = "UnknownCommand"

// commandAsked is what the record of a command says that was asked.
type commandAsked struct {
	Command string   `json:"command"` // the command line
	Dir     string   `json:"directory,omitempty"`
	Flags   []string `json:"flags,omitempty"`
	Store   string   `json:"eventDataStore,omitempty"`
}

// act is the act of this command line, which ended with err.
func (a *app) act(by lake.By, err error) audit.Act {
	name, ok := operationNames[a.command]
	if !ok {
		name = unknownCommand
	}
	act := audit.Command(name, by, buildVersion())
	asked := commandAsked{Command: "tarn", Dir: a.dir(), Flags: a.given}
	args := a.args
	if strings.HasPrefix(a.command, "report schedule") {
		args, asked.Flags = withoutHooks(args), withoutHooks(a.given)
	}
	for _, arg := range args {
		asked.Command += " " + withoutSecrets(arg)
	}
	if asked.Dir == "" {
		asked.Dir, _ = os.Getwd() // empty is unknown
	}
	for _, flag := range a.given {
		if store, ok := strings.CutPrefix(flag, "--store="); ok {
			asked.Store = store
		}
	}
	act.Request, act.Changes = asked, !slices.Contains([]string{"prove", "pin", "backup"}, a.command)
	if err != nil {
		act.Code, act.Message = whyEnded(err)
	}
	return act
}

// whyEnded is what the record of a command says that did not succeed.
func whyEnded(err error) (code, message string) {
	message = withoutSecrets(err.Error())
	if f := fault.Of(err); f != nil {
		return f.Code, message
	}
	switch exitCode(err) {
	case exitUsage:
		return fault.Invalid, message
	case exitInterrupted:
		return "Interrupted", message
	case exitPartly:
		return "DoneInPart", message
	}
	return "CommandFailed", message
}

// recordCommand records the command of this process, which has the lake open. What it
// did to the lake stands in the log of record in any case: that the record cannot be
// written, on a full disk for instance, ends nothing.
func (a *app) recordCommand(l *lake.Lake, err error) {
	if a.config.get("audit") == "off" {
		return
	}
	r := audit.New(l, zerolog.Nop())
	if err := errors.Join(r.Record(a.act(*self(), err)), r.Close()); err != nil && !errors.Is(err, lake.ErrReadOnly) {
		a.warn("the command has no record in " + lake.OwnStoreName + ": " + err.Error())
	}
}

// recordCommand records the command of a guest.
func (h *host) recordCommand(g *app, by lake.By) {
	if err := h.audit.Record(g.act(by, g.failure)); err != nil {
		g.warn("the command's record in " + lake.OwnStoreName + " has to wait: " + err.Error())
	}
}

// beginAudit begins to record what is asked of the server, first of all that it is
// there; the function returned ends that.
func (h *host) beginAudit() (end func() error) {
	h.audit = audit.New(h.lake, h.log)
	self := func(name string) audit.Act {
		return audit.Act{Name: name, Who: audit.Server(), Source: "tarn.local", Agent: "tarn/" + buildVersion(), Changes: true,
			Request: map[string]any{"process": os.Getpid()}}
	}
	_ = h.audit.Record(self("StartServer")) // it is logged, and tried again
	return func() error { return errors.Join(h.audit.Record(self("StopServer")), h.audit.Close()) }
}
