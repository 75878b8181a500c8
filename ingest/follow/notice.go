package follow

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// notice says that an object was written, or so somebody says.
type notice struct {
	Bucket string
	// Keys are what the object may be called: messages of S3 have keys as they stand
	// in a URL, and some servers leave that out.
	Keys []string
}

const (
	// noticeBytes is the longest message that is looked at: SQS has none that are longer.
	noticeBytes = 1 << 20
	// keyBytes is the length of the longest key.
	keyBytes = 1024
	// wrappers is how often a message may be wrapped in another: SNS does it once.
	wrappers = 3
)

// errStrange means that a message is none that is known.
var errStrange = errors.New("not a message about objects")

// message is what comes through a queue: S3's own, EventBridge's, CloudTrail's, or one
// of SNS with such a one in it.
type message struct {
	Event   string   `json:"Event"`   // of S3, when the queue was chosen
	Records []record `json:"Records"` // of S3

	DetailType string  `json:"detail-type"` // of EventBridge
	Detail     subject `json:"detail"`

	Bucket string   `json:"s3Bucket"` // of CloudTrail
	Keys   []string `json:"s3ObjectKey"`

	Type    string `json:"Type"` // of SNS
	Message string `json:"Message"`
}

type record struct {
	Name string  `json:"eventName"`
	S3   subject `json:"s3"`
}

type subject struct {
	Bucket struct {
		Name string `json:"name"`
	} `json:"bucket"`
	Object struct {
		Key string `json:"key"`
	} `json:"object"`
}

// validated is what CloudTrail sends to a topic to see whether it may.
const validated = "CloudTrail validation message."

// read returns the objects that a message says were written, and counts what it says
// besides. The error is errStrange if it says nothing that is known.
func read(text []byte) (named []notice, others int, err error) {
	for range wrappers {
		if len(text) > noticeBytes {
			return nil, 0, fmt.Errorf("%w: it is longer than %d bytes", errStrange, noticeBytes)
		}
		if strings.TrimSpace(string(text)) == validated {
			return nil, 1, nil
		}
		var m message
		if err := json.Unmarshal(text, &m); err != nil {
			return nil, 0, fmt.Errorf("%w: it is no JSON of that kind", errStrange)
		}
		if m.Type == "Notification" {
			text = []byte(m.Message)
			continue
		}
		return m.named()
	}
	return nil, 0, fmt.Errorf("%w: it is wrapped too often", errStrange)
}

func (m *message) named() (named []notice, others int, err error) {
	add := func(bucket string, keys ...string) {
		n := notice{Bucket: bucket}
		for _, key := range keys {
			if key != "" && len(key) <= keyBytes && utf8.ValidString(key) {
				n.Keys = append(n.Keys, key)
			}
		}
		if bucket == "" || len(n.Keys) == 0 {
			others++
			return
		}
		named = append(named, n)
	}
	switch {
	case m.Event == "s3:TestEvent":
		return nil, 1, nil
	case len(m.Records) > 0:
		for _, r := range m.Records {
			if !strings.HasPrefix(strings.TrimPrefix(r.Name, "s3:"), "ObjectCreated:") {
				others++
				continue
			}
			add(r.S3.Bucket.Name, spellings(r.S3.Object.Key)...)
		}
	case m.DetailType == "Object Created":
		add(m.Detail.Bucket.Name, m.Detail.Object.Key)
	case m.DetailType != "":
		others++
	case m.Bucket != "" && len(m.Keys) > 0:
		for _, key := range m.Keys {
			add(m.Bucket, key)
		}
	default:
		return nil, 0, errStrange
	}
	return named, others, nil
}

// spellings are what an object may be called whose key stands in a message of S3.
func spellings(key string) []string {
	plain, err := url.QueryUnescape(key)
	if err != nil || plain == key {
		return []string{key}
	}
	return []string{plain, key}
}
