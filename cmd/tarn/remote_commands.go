package main

import (
	"strings"

	"tarn/server/access"
)

// remoteCommand says who may have a command run in the server from elsewhere, and how it
// names files. What is not said here is refused.
type remoteCommand struct {
	act     access.Act
	changes bool     // the lake, or what it keeps, may be another one afterwards
	flags   []string // that name no files
	in, out []string // that name files to read, and to write
	args    argKind
}

// argKind says what a command's arguments are.
type argKind int

const (
	argWords argKind = iota // no files
	argFiles                // files to read
	argTree                 // folders and files, which come as an archive on standard input
)

// remoteCommands are the commands that a server runs for those who come over the network.
func remoteCommands() map[string]remoteCommand {
	words := strings.Fields
	read := func(act access.Act, flags string) remoteCommand { return remoteCommand{act: act, flags: words(flags)} }
	change := func(flags string) remoteCommand {
		return remoteCommand{act: access.Manage, changes: true, flags: words(flags)}
	}
	const settings = "billing-mode format lock retention termination-protection"
	return map[string]remoteCommand{
		"access create":          change("expires format role store token"),
		"access list":            read(access.Manage, "format"),
		"access revoke":          change(""),
		"export":                 read(access.Query, "null raw store"),
		"follow list":            read(access.Audit, "format"),
		"follow remove":          change(""),
		"hold list":              read(access.Audit, "format"),
		"hold place":             change("from reason store to"),
		"hold release":           change("reason"),
		"import":                 {act: access.Ingest, changes: true, flags: words("account dry-run duplicates failures format from region source store to verify-digests"), in: words("public-keys digest-metadata"), args: argTree},
		"import list":            read(access.Audit, "format status store"),
		"import show":            read(access.Audit, "format"),
		"inspect":                read(access.Audit, "coverage days format log segments store"),
		"keys public":            read(access.Query, "json"),
		"keys results":           read(access.Query, ""),
		"keys rotate":            change("destroy reason"),
		"log":                    read(access.Audit, "format reverse since store type until"),
		"prove":                  {act: access.Audit, changes: true, flags: words("conflicts json store"), args: argWords},
		"put":                    {act: access.Ingest, changes: true, flags: words("maps receipts store"), in: words("map"), args: argFiles},
		"query":                  {act: access.Query, flags: words("at expand explain format from param sample sandbox show store timeout to"), in: words("file"), out: words("output")},
		"report history":         read(access.Audit, "format pack"),
		"report run":             {act: access.Audit, changes: true, flags: words("fail-on format from last set store to unrecorded"), out: words("output")},
		"report run-due":         change("dry-run format"),
		"report schedule list":   read(access.Audit, "format"),
		"report schedule pause":  change(""),
		"report schedule remove": change(""),
		"report schedule resume": change(""),
		"report schedule show":   read(access.Audit, "format most"),
		"report verify":          {act: access.Audit, flags: words("json"), args: argFiles},
		"retention apply":        change("confirm-clock json reason store"),
		"retention plan":         read(access.Audit, "all format store"),
		"status":                 read(access.Audit, "format"),
		"store create":           {act: access.Manage, changes: true, flags: words(settings + " family"), in: words("selectors")},
		"store delete":           change("bypass-governance reason yes"),
		"store list":             read(access.Query, "format"),
		"store restore":          change("format"),
		"store show":             read(access.Query, "format"),
		"store start-ingestion":  change("format"),
		"store stop-ingestion":   change("format"),
		"store update":           {act: access.Manage, changes: true, flags: words(settings + " bypass-governance name reason"), in: words("selectors")},
		"verify":                 {act: access.Audit, flags: words("deep json"), in: words("checkpoint key policy")},
		"witness add":            change(""),
		"witness list":           read(access.Audit, "format"),
		"witness remove":         change(""),
		"witness submit":         change(""),
	}
}

// notRemote are the commands, and flags, that are for the machine that has the lake, with
// the reason.
func notRemote() map[string]string {
	const (
		files  = "it is about the lake's own files"
		named  = "the server would read, ask or write what somebody else names"
		folder = "it writes a folder"
		makes  = "it makes a lake"
		here   = "it is for whoever has the machine"
	)
	return map[string]string{
		"backup": files, "pin": files, "connect": files, "verify --resume": files,
		"restore": makes, "demo": makes,
		"serve": "it is the server", "follow": "it goes on until it is ended", "report record": "report run does it",
		"keys lost": here, "keys results --make": here, "report run --controls": "the server's own setting says where controls are",
		"follow add": named, "store move": named, "report schedule add": named, "report schedule test": named,
		"export --into": folder + "; --raw gives the events", "export --as": folder, "export --trail": folder, "export --unsigned": folder,
		"export --from": folder, "export --to": folder, "export --account": folder, "export --region": folder, "export --source": folder, "export --json": folder,
		"prove --to": folder + "; --json has all of it",
	}
}

// hereCommands are the commands that need no lake: they run where they are typed.
func hereCommands() []string {
	return []string{"tarn", "check-proof", "completion", "config", "help", "man", "version", "report list", "report show"}
}
