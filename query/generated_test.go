package query_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// maker makes statements from a grammar of Trino's. What it makes is typed, so
// that most of it can be run; names and functions are those of events.
type maker struct {
	*rand.Rand
	depth int // what may still be nested
	ctes  []string
	rel   string // what names columns, with its dot; empty if nothing has to
	texts bool   // columns are Athena's: no maps, times as text
}

// pick returns one of the texts.
func (m *maker) pick(of ...string) string { return of[m.IntN(len(of))] }

// any calls one of the functions; the first if nothing may be nested any more.
func (m *maker) any(of ...func() string) string {
	if m.depth <= 0 {
		return of[0]()
	}
	m.depth--
	defer func() { m.depth++ }()
	return of[m.IntN(len(of))]()
}

// list makes from one to n things, separated by commas.
func (m *maker) list(n int, of func() string) string {
	parts := make([]string, 1+m.IntN(n))
	for i := range parts {
		parts[i] = of()
	}
	return strings.Join(parts, ", ")
}

// maybe makes a thing one time of n.
func (m *maker) maybe(n int, of func() string) string {
	if m.IntN(n) > 0 {
		return ""
	}
	return of()
}

func (m *maker) text() string {
	column := func() string {
		return m.rel + m.pick("eventName", "EVENTSOURCE", "awsRegion", "userIdentity.arn", `"eventid"`, "userIdentity.sessionContext.sessionIssuer.userName", "errorCode")
	}
	return m.any(column,
		func() string { return m.pick("'x'", "'it''s'", "U&'d\\00E9'", "'2023-07-10 12:00:00'", "''") },
		func() string { return "lower(" + m.text() + ")" },
		func() string { return m.text() + " || " + m.text() },
		func() string {
			return "IF(" + m.truth() + ", " + m.text() + m.maybe(2, func() string { return ", " + m.text() }) + ")"
		},
		func() string { return "coalesce(" + m.list(3, m.text) + ")" },
		func() string { return "substring(" + m.text() + " FROM " + m.number() + " FOR 3)" },
		func() string {
			return "CAST(" + m.number() + " AS " + m.pick("varchar", "VARCHAR(20)", "char(3)") + ")"
		},
		func() string { return "regexp_extract(" + m.text() + ", '(a+)', 1)" },
		func() string {
			return "element_at(" + m.mapping() + ", " + m.pick("'bucketName'", "'Host'", "'groupId'") + ")"
		},
		func() string { return "json_extract_scalar(" + m.pick("'{}'", m.text()) + ", '$.a.b[0]')" },
		func() string { return "CAST(json_extract('{}', '$.AWS:x.y') AS varchar)" },
		func() string { return "CASE WHEN " + m.truth() + " THEN " + m.text() + " ELSE " + m.text() + " END" },
		func() string { return "TRY(" + m.text() + ")" },
		func() string { return "date_format(" + m.time() + ", '%Y-%m-%d')" },
		func() string { return m.rows() + "[1].arn" },
	)
}

func (m *maker) number() string {
	return m.any(func() string { return m.pick("1", "42", "0xFF", "1.5", "DECIMAL '2.50'", "1e3", "-7") },
		func() string { return "length(" + m.text() + ")" },
		func() string {
			return "(" + m.number() + " " + m.pick("+", "-", "*", "/", "%") + " " + m.number() + ")"
		},
		func() string { return "cardinality(" + m.rows() + ")" },
		func() string {
			return "TRY_CAST(" + m.text() + " AS " + m.pick("bigint", "double", "decimal", "real", "decimal(10, 2)") + ")"
		},
		func() string { return "date_diff('hour', " + m.time() + ", " + m.time() + ")" },
		func() string {
			return "EXTRACT(" + m.pick("YEAR", "DOW", "day_of_week", "hour") + " FROM " + m.time() + ")"
		},
		func() string { return "ARRAY[" + m.list(3, m.number) + "][1]" },
		func() string { return "MAP(ARRAY['a'], ARRAY[" + m.number() + "])['a']" },
		func() string { return "reduce(ARRAY[1, 2], 0, (s, x) -> s + x, s -> s)" },
	)
}

func (m *maker) time() string {
	column := func() string {
		if m.texts {
			return "from_iso8601_timestamp(" + m.rel + "eventTime)"
		}
		return m.rel + "eventTime"
	}
	return m.any(column,
		func() string {
			return m.pick("timestamp '2023-07-10 12:00:00'", "TIMESTAMP '2023-07-10 12:00:00 Europe/Oslo'", "date '2023-07-11'")
		},
		func() string { return m.time() + m.pick(" + ", " - ") + m.interval() },
		func() string { return "date_trunc('hour', " + m.time() + ")" },
		func() string { return "date_add('day', -3, " + m.time() + ")" },
		func() string { return "CAST(" + m.time() + " AS timestamp(3))" },
		func() string { return m.pick("current_timestamp(3)", "now()", "current_date", "localtimestamp") },
	)
}

func (m *maker) interval() string {
	return m.pick("INTERVAL '1' DAY", "interval '2' hour", "INTERVAL -'3' MONTH", "INTERVAL '1-2' YEAR TO MONTH", "INTERVAL '1 02:03' DAY TO MINUTE")
}

func (m *maker) truth() string {
	compare := func() string {
		return m.pick(" = ", " <> ", " < ", " >= ", " IS DISTINCT FROM ", " IS NOT DISTINCT FROM ")
	}
	return m.any(func() string { return m.rel + "errorCode IS " + m.pick("", "NOT ") + "NULL" },
		func() string { return m.text() + compare() + m.text() },
		func() string { return m.number() + compare() + m.number() },
		func() string { return m.time() + compare() + m.time() },
		func() string {
			return m.rel + "eventTime" + m.pick(" > ", " <= ") + m.pick("'2023-07-11'", "'2023-07-10 12:00:00'", "'2023-07-10T12:00:00Z'")
		},
		func() string { return m.text() + m.pick(" LIKE ", " NOT LIKE ") + "'C%'" + m.pick("", " ESCAPE '\\'") },
		func() string { return m.text() + m.pick(" IN ", " NOT IN ") + "(" + m.list(3, m.text) + ")" },
		func() string { return "(" + m.truth() + m.pick(" AND ", " OR ") + m.truth() + ")" },
		func() string { return "NOT (" + m.truth() + ")" },
		func() string { return m.time() + " BETWEEN " + m.time() + " AND " + m.time() },
		func() string { return m.pick("EXISTS ", "NOT EXISTS ") + "(" + m.query(1) + ")" },
		func() string {
			return m.text() + m.pick(" IN ", " = ANY ", " <> ALL ") + "(SELECT eventName FROM cloudtrail)"
		},
		func() string { return "any_match(" + m.rows() + ", r -> r.type = 'x')" },
		func() string { return "contains('10.0.0.0/8', CAST(" + m.text() + " AS ipaddress))" },
	)
}

func (m *maker) mapping() string {
	if m.texts {
		return "MAP(ARRAY['bucketName'], ARRAY[" + m.text() + "])"
	}
	return m.rel + m.pick("requestParameters", "responseElements", "additionalEventData")
}

func (m *maker) rows() string {
	return m.any(func() string { return m.rel + "resources" },
		func() string { return "filter(" + m.rows() + ", r -> r.accountId IS NOT NULL)" },
		func() string { return "slice(" + m.rows() + ", 1, 2)" },
	)
}

// value is an expression of any type.
func (m *maker) value() string {
	return m.any(m.text, m.number, m.time, m.truth, m.mapping, m.rows,
		func() string { return "CAST(ARRAY[" + m.list(2, m.number) + "] AS array(varchar))" },
		func() string { return "CAST(ROW(" + m.number() + ", " + m.text() + ") AS row(a double, b varchar))" },
		func() string { return "row_number() OVER (PARTITION BY " + m.text() + " ORDER BY " + m.time() + ")" },
		func() string { return "lag(" + m.text() + ") IGNORE NULLS OVER (ORDER BY " + m.time() + ")" },
		func() string { return "(SELECT max(eventName) FROM cloudtrail)" },
		func() string { return "transform(" + m.rows() + ", r -> r.arn)" },
		func() string { return "X'65 66'" },
		func() string { return m.pick("ROW", "") + "(" + m.text() + ", " + m.number() + ")" },
		func() string { return "ARRAY[" + m.number() + "] || " + m.pick("1", "ARRAY[2]") },
		func() string { return "CAST(json_parse('{}') AS array(row(a varchar, b row(c bigint))))" },
	)
}

func (m *maker) aggregate() string {
	return m.any(func() string { return "count(*)" },
		func() string {
			return m.pick("max", "min", "arbitrary", "count", "approx_distinct", "array_agg") + "(" + m.pick("", "DISTINCT ") + m.text() + ")"
		},
		func() string {
			return m.pick("sum", "avg") + "(" + m.number() + ")" + m.maybe(3, func() string { return " FILTER (WHERE " + m.truth() + ")" })
		},
		func() string { return "listagg(" + m.text() + ", ',') WITHIN GROUP (ORDER BY " + m.text() + ")" },
		func() string { return "max_by(" + m.text() + ", " + m.time() + ")" },
	)
}

func (m *maker) alias() string {
	return m.pick("", "", " AS n", " value", ` "A b"`, " AS total", " year")
}

// query makes a query of so many columns, of any number if that is 0.
func (m *maker) query(columns int) string {
	saved := *m
	defer func() { m.rel, m.texts, m.ctes = saved.rel, saved.texts, saved.ctes }()
	with := m.maybe(5, func() string {
		m.ctes = append(m.ctes, "cte")
		return "WITH cte" + m.pick("", "(eventName, eventTime)") + " AS (SELECT eventName, eventTime FROM cloudtrail) "
	})
	q := with + m.selects(columns)
	if m.depth > 0 {
		m.depth--
		q += m.maybe(8, func() string {
			return m.pick(" UNION ALL ", " UNION ", " EXCEPT ", " INTERSECT ") + "SELECT " + strings.Repeat("NULL, ", max(columns-1, 0)) + "NULL"
		})
		m.depth++
	}
	return q + m.maybe(3, func() string { return " ORDER BY 1" + m.pick("", " DESC", " ASC NULLS FIRST") }) +
		m.maybe(3, func() string {
			return m.pick(" LIMIT 5", " LIMIT ALL", " OFFSET 1 ROWS LIMIT 2", " FETCH FIRST 3 ROWS ONLY")
		})
}

func (m *maker) selects(columns int) string {
	from := m.from()
	where := m.maybe(2, func() string { return " WHERE " + m.truth() })
	if columns == 0 && m.IntN(3) == 0 {
		key := m.text()
		return "SELECT " + key + m.alias() + ", " + m.list(2, m.aggregate) + from + where + " GROUP BY " + m.pick("1", key, "ROLLUP ("+key+")", "GROUPING SETS ((1), ())") +
			m.maybe(3, func() string { return " HAVING count(*) > 0" })
	}
	items := make([]string, max(columns, 1+m.IntN(3)))
	if columns > 0 {
		items = items[:columns]
	}
	for i := range items {
		items[i] = m.value() + m.alias()
		if columns == 0 && m.IntN(8) == 0 {
			items[i] = "*"
		}
	}
	return "SELECT " + m.pick("", "", "DISTINCT ", "ALL ") + strings.Join(items, ", ") + from + where
}

// from makes a FROM and says how its columns are named.
func (m *maker) from() string {
	m.rel, m.texts = "", false
	return m.any(func() string { return " FROM cloudtrail" },
		func() string { m.rel = m.pick("", "c."); return " FROM 0233062b-51c6-4d18-8dec-a8c90da840d0 c" },
		func() string { m.rel = "c."; return ` FROM "cloudtrail.conflicts" AS c TABLESAMPLE BERNOULLI (50)` },
		func() string { m.texts = true; return " FROM cloudtrail.athena" },
		func() string {
			m.rel = "a."
			return " FROM cloudtrail a " + m.pick("LEFT ", "", "FULL OUTER ") + "JOIN cloudtrail.conflicts b ON a.eventID = b.eventID"
		},
		func() string {
			return " FROM cloudtrail CROSS JOIN UNNEST(resources) AS t" + m.pick("", "(r)", "(a, b, c, d)")
		},
		func() string {
			m.rel = "c."
			return " FROM cloudtrail c, UNNEST(c.requestParameters) WITH ORDINALITY AS t(k, v, n)"
		},
		func() string { return " FROM (SELECT * FROM cloudtrail WHERE " + m.truth() + ")" + m.pick("", " AS s") },
		func() string { m.rel = "c."; return " FROM cloudtrail c, (VALUES 1, 2 + 3) AS v(x)" },
		func() string {
			if len(m.ctes) == 0 {
				return " FROM cloudtrail"
			}
			m.rel = "c."
			return " FROM cloudtrail c JOIN cte ON cte.eventName = c.eventName"
		},
	)
}

// noise writes a statement as people do: with other white space, letters and
// comments. One of a few statements it breaks.
func (m *maker) noise(sql string) string {
	words := strings.Split(sql, " ")
	for i, w := range words {
		switch m.IntN(40) {
		case 0:
			words[i] = "\r\n" + w
		case 1:
			words[i] = "/* c */ " + w
		case 2:
			words[i] = w + " -- it's\n"
		}
	}
	if m.IntN(6) == 0 { // a word more or less, or another one
		i := m.IntN(len(words))
		words[i] = m.pick("", words[i]+" "+words[i], ")", "(", "'", "<x>", "$EDS_ID", "SELECT", "read_text('/etc/passwd')", "duckdb_settings()", `"/etc/passwd"`, "sqlite_master",
			"ARRAY", "VALUES", "WITHIN GROUP (", "IGNORE NULLS", "INTERVAL '1' DAY TO", "IF(", "U&'\\", "X'1'", "0b2", words[m.IntN(len(words))])
	}
	return strings.Join(words, " ")
}

// generated makes the statement of a number.
func generated(seed, i uint64) string {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, i)), depth: 4}
	return fmt.Sprint(m.noise(m.query(0)))
}
