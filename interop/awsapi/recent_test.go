package awsapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// recent puts events of the last hours, and waits until they are there.
func (h *host) recent(t *testing.T, n int) {
	t.Helper()
	var body strings.Builder
	now := time.Now().UTC()
	for i := range n {
		fmt.Fprintf(&body, `{"eventVersion":"1.08","eventID":"e%02d","eventTime":%q,"eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"us-east-1","eventCategory":"Management","readOnly":false}`+"\n",
			i, now.Add(-time.Duration(1+i/3)*time.Hour).Format(time.RFC3339))
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/v1/stores/cloudtrail/events?receipts=off", strings.NewReader(body.String()))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(h.id, h.secret)
	res, err := http.DefaultClient.Do(r)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%+v, %v", res, err)
	}
	res.Body.Close()
	for { // what has a receipt is visible within two seconds
		if out := h.tarn(t, "query", "SELECT count(*) AS n FROM cloudtrail", "--format", "csv"); strings.Contains(string(out), fmt.Sprint(n)) {
			return
		}
	}
}
