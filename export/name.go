package export

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"regexp"
	"time"

	"tarn/ingest/decode"
	"tarn/internal/jscan"
	"tarn/schemas"
)

// The folders of an account's events.
const (
	folderLogs      = "CloudTrail"
	folderDigests   = "CloudTrail-Digest"
	folderEvents    = "Tarn-Events"    // events that are none of CloudTrail's
	folderConflicts = "Tarn-Conflicts" // events whose id another one had
)

// folderOf are the folders of the categories that do not stand among the logs.
var folderOf = map[string]string{
	"Insight": "CloudTrail-Insight", "NetworkActivity": "CloudTrail-NetworkActivity", "Aggregated": "CloudTrail-Aggregated",
}

// ownAccount and ownRegion are the lake's own, with which it answers CloudTrail's API.
// What tells no account or region stands there.
const (
	ownAccount = "000000000000"
	ownRegion  = "us-east-1"
)

var (
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
	regionForm  = regexp.MustCompile(`^[a-z]{2,8}(-[a-z]{1,16}){1,4}-[0-9]{1,2}$`)
)

// whose is the account and region of an event, and the folder it belongs in.
type whose struct{ account, region, folder string }

// fromAWS reports whether the events of a family are CloudTrail's, which tell account and
// region.
func fromAWS(family *schemas.Family) bool {
	return family.Name == schemas.CloudTrail().Name || family.Name == schemas.Insights().Name
}

// place says where an event belongs.
func place(fromAWS bool, raw []byte, conflict bool) whose {
	w := whose{ownAccount, ownRegion, folderEvents}
	if fromAWS {
		said := members(raw)
		account := said[0]
		if account == "" && said[2] == "Aggregated" {
			account = said[3]
		}
		if account == "" {
			account = callerAccount(raw) // records before version 1.02 tell no other
		}
		if accountForm.MatchString(account) && regionForm.MatchString(said[1]) {
			w = whose{account, said[1], folderLogs}
			if f, ok := folderOf[said[2]]; ok {
				w.folder = f
			}
		}
	}
	if conflict {
		w.folder = folderConflicts
	}
	return w
}

// members are the texts of an event that say where it belongs. Nearly all have them as
// CloudTrail writes them; to look for others takes five times as long.
func members(raw []byte) [4]string {
	var said [4]string
	missing := 3
	for it := jscan.Members(raw); missing > 0; {
		key, ok := it.Key()
		if !ok {
			return [4]string(decode.Texts(raw, "recipientAccountId", "awsRegion", "eventCategory", "accountId"))
		}
		value, at := it.Value(), -1
		switch string(key) {
		case "recipientAccountId":
			at = 0
		case "awsRegion":
			at = 1
		case "eventCategory":
			at = 2
		}
		if at < 0 || said[at] != "" {
			continue
		}
		if len(value) < 3 || value[0] != '"' || bytes.IndexByte(value, '\\') >= 0 {
			return [4]string(decode.Texts(raw, "recipientAccountId", "awsRegion", "eventCategory", "accountId"))
		}
		said[at] = string(value[1 : len(value)-1])
		missing--
	}
	if said[2] == "Aggregated" {
		said[3] = decode.Texts(raw, "accountId")[0]
	}
	return said
}

// callerAccount is the account in userIdentity.
func callerAccount(raw []byte) string {
	for it := jscan.Members(raw); ; {
		key, value, ok := it.Next()
		if !ok {
			return ""
		}
		if string(key) == "userIdentity" && len(value) > 0 && value[0] == '{' {
			return decode.Texts(value, "accountId")[0]
		}
	}
}

// logKey names a log file of events up to a time, by the hash of what is in it.
func logKey(w whose, newest time.Time, hash [sha256.Size]byte) string {
	return fmt.Sprintf("AWSLogs/%s/%s/%s/%s/%s_%s_%s_%s_%s.json.gz", w.account, w.folder, w.region, newest.Format("2006/01/02"),
		w.account, w.folder, w.region, newest.Format("20060102T1504Z"), unique(hash))
}

// unique is a hash as the sixteen characters at the end of a log file's name.
func unique(hash [sha256.Size]byte) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	var name [16]byte
	for i := range name {
		name[i] = letters[int(hash[i])%len(letters)]
	}
	return string(name[:])
}

// digestTime is how the time of a digest stands in its name.
const digestTime = "20060102T150405Z"
