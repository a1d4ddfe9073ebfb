package web

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// pretty writes JSON so that a difference can be read.
func pretty(t *testing.T, raw []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return out.Bytes()
}

func TestDescription(t *testing.T) {
	h := newHouse(t)
	w := h.ask("GET /api/v1/openapi.json", "")
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	golden(t, "openapi.json", w.Body.Bytes())
}

// TestDescriptionHolds checks what a validator would: every reference leads
// somewhere, every operation has its own name and an answer, every part of a path
// is a parameter.
func TestDescriptionHolds(t *testing.T) {
	doc := decode[map[string]any](t, newHouse(t).ask("GET /api/v1/openapi.json", ""))
	if doc["openapi"] != "3.1.0" {
		t.Errorf("openapi is %v", doc["openapi"])
	}
	follow(t, doc, doc)
	names := map[string]bool{}
	for path, item := range doc["paths"].(map[string]any) {
		for method, raw := range item.(map[string]any) {
			operation := raw.(map[string]any)
			name, _ := operation["operationId"].(string)
			if name == "" || names[name] {
				t.Errorf("%s %s: operationId %q", method, path, name)
			}
			names[name] = true
			if operation["responses"].(map[string]any)["200"] == nil {
				t.Errorf("%s %s has no good answer", method, path)
			}
			given, err := json.Marshal(operation["parameters"])
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
				if !strings.Contains(string(given), `"in":"path","name":"`+part[1]+`","required":true`) {
					t.Errorf("%s %s does not declare %s: %s", method, path, part[1], given)
				}
			}
		}
	}
	for _, kind := range []string{"incident.report", "incident.resolve", "task.finish"} {
		if doc["components"].(map[string]any)["schemas"].(map[string]any)[kind] == nil {
			t.Errorf("%s is not described", kind)
		}
	}
}

// follow looks up every $ref.
func follow(t *testing.T, doc map[string]any, at any) {
	t.Helper()
	switch v := at.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			var found any = doc
			for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
				inner, _ := found.(map[string]any)
				found = inner[part]
			}
			if found == nil {
				t.Errorf("%s leads nowhere", ref)
			}
		}
		for _, inner := range v {
			follow(t, doc, inner)
		}
	case []any:
		for _, inner := range v {
			follow(t, doc, inner)
		}
	}
}

// TestRecordMatchesItsDescription keeps the two from drifting apart: every key of
// a real answer is described, and every required one is there.
func TestRecordMatchesItsDescription(t *testing.T) {
	h := newHouse(t)
	doc := decode[map[string]any](t, h.ask("GET /api/v1/openapi.json", ""))
	schema := doc["components"].(map[string]any)["schemas"].(map[string]any)["Record"].(map[string]any)
	properties := schema["properties"].(map[string]any)
	record := sample()
	record.ClosedAt, record.RespondBy, record.ResolveBy = monday, monday, monday
	h.records.all = append(h.records.all, record)
	got := decode[map[string]any](t, h.ask("GET /api/v1/records/INC-12", "", bearer))
	for key := range got {
		if properties[key] == nil {
			t.Errorf("%s is not described", key)
		}
	}
	for key := range properties {
		if _, ok := got[key]; !ok {
			t.Errorf("%s is described but not given", key)
		}
	}
	for _, key := range schema["required"].([]any) {
		if _, ok := got[key.(string)]; !ok {
			t.Errorf("%s is required but not given", key)
		}
	}
}
