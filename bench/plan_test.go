package bench_test

import (
	"testing"

	"tarn/query"
)

// tenLines has what people write: a bare alias, a struct, a map, times, a text
// that is looked for, a list, an aggregate with an order.
const tenLines = `SELECT userIdentity.arn AS principal, eventName name,
    element_at(requestParameters, 'bucketName') AS bucket,
    count(*) AS calls, approx_distinct(sourceIPAddress) AS addresses,
    IF(count(errorCode) > 0, 'refused') AS outcome, max(eventTime) AS newest
FROM cloudtrail
WHERE eventSource = 's3.amazonaws.com' AND readOnly = false
  AND eventTime > '2026-01-10 00:00:00' AND eventTime < date_add('day', 7, timestamp '2026-01-10 00:00:00')
  AND userIdentity.accessKeyId IN ('AKIAIOSFODNN7EXAMPLE', 'AKIAI44QH8DHBEXAMPLE')
GROUP BY 1, 2, 3
ORDER BY calls DESC, newest LIMIT 20`

// BenchmarkPlan checks and plans a statement of ten lines; it does not run it.
func BenchmarkPlan(b *testing.B) {
	snap, _ := filled(b)
	engine, err := query.Open(query.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer engine.Close()
	for _, q := range []asked{{"lake", tenLines}, {"constants", `SELECT count(*) FROM cloudtrail WHERE eventTime > '2026-01-10 00:00:00'`}} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := engine.Explain(b.Context(), snap, q.sql); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
