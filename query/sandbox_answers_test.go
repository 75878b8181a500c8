package query_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tarn/query"
)

// In a sandbox a statement has the same answer, and the same fault.
func TestSandboxAnswersTheSame(t *testing.T) {
	l, here, sandbox := sample(t), openEngine(t), openSandbox(t)
	for _, sql := range []string{
		"SELECT * FROM cloudtrail ORDER BY eventTime",
		`SELECT * FROM "cloudtrail.conflicts"`,
		"SELECT * FROM empty",
		"SELECT 1",
		"SELECT element_at(requestParameters, 'bucketName') FROM cloudtrail WHERE eventTime > date_add('day', -30, timestamp '2023-07-30 00:00:00')",
		"SELECT t.type FROM cloudtrail CROSS JOIN UNNEST(resources) AS t ORDER BY 1",
		"SELECT count(*) FROM cloudtrail a, cloudtrail b",
		"SELECT nonsense FROM cloudtrail",
		"SELECT FROM",
		"DROP TABLE cloudtrail",
		"SELECT CAST(eventName AS INTEGER) FROM cloudtrail WHERE eventID = 'id-1'",
		"SELECT count(*) FROM nosuch",
	} {
		want, wantErr := ask(here, l, sql)
		got, gotErr := ask(sandbox, l, sql)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-here +sandbox):\n%s", sql, d)
		}
		if d := cmp.Diff(errorText(wantErr), errorText(gotErr)); d != "" {
			t.Errorf("%s (-here +sandbox):\n%s", sql, d)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// What brings a worker down is an error in plain words, and no more.
func TestSandboxOutlivesACrash(t *testing.T) {
	l, sandbox := sample(t), openSandbox(t)
	_, err := ask(sandbox, l, "SELECT repeat('a', 4000000000) FROM cloudtrail")
	if err == nil || !strings.Contains(err.Error(), "more memory than it may have") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sandbox.Run(ctx, l, "SELECT 1"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v; want that of the context", err)
	}
	if _, err := ask(sandbox, l, "SELECT count(*) FROM cloudtrail"); err != nil {
		t.Error(err)
	}
}

// Missing walls are said, and a worker is never without limits.
func TestWalls(t *testing.T) {
	walls := query.Walls()
	if len(walls) < 6 {
		t.Errorf("%d walls", len(walls))
	}
	for _, w := range walls {
		if w.Holds == (w.Missing != "") {
			t.Errorf("%+v", w)
		}
	}
}
