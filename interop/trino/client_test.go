package trino_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"tarn/query/trinotest"
)

// client speaks Trino's own protocol: a statement is posted, and pages are read
// until one names no next.
type client struct {
	url             string
	catalog, schema string
}

// page is what the server sends. Rows stay as they are.
type page struct {
	NextURI string `json:"nextUri"`
	Columns []struct {
		Type string `json:"type"`
	} `json:"columns"`
	Data  []json.RawMessage `json:"data"`
	Error *struct {
		ErrorName string `json:"errorName"`
		Message   string `json:"message"`
	} `json:"error"`
}

// ask returns Trino's answer to a statement, and its message where that is an
// error. The session is in UTC, as everything in a lake is.
func (c client) ask(ctx context.Context, sql string) (a trinotest.Answer, message string, err error) {
	p, err := c.page(ctx, http.MethodPost, c.url+"/v1/statement", sql)
	for ; err == nil; p, err = c.page(ctx, http.MethodGet, p.NextURI, "") {
		if p.Error != nil {
			return trinotest.Answer{Error: p.Error.ErrorName}, p.Error.Message, nil
		}
		if a.Types == nil {
			for _, column := range p.Columns {
				a.Types = append(a.Types, column.Type)
			}
		}
		for _, row := range p.Data {
			a.Rows = append(a.Rows, string(row))
		}
		if p.NextURI == "" {
			return a, "", nil
		}
	}
	return a, "", err
}

func (c client) page(ctx context.Context, method, url, body string) (p page, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return p, err
	}
	for name, value := range map[string]string{
		"User": "tarn", "Catalog": c.catalog, "Schema": c.schema, "Time-Zone": "UTC",
		"Client-Capabilities": "PARAMETRIC_DATETIME", // or times are cut to milliseconds
	} {
		request.Header.Set("X-Trino-"+name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return p, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return p, fmt.Errorf("%s %s: %s", method, url, response.Status)
	}
	return p, json.NewDecoder(response.Body).Decode(&p)
}
