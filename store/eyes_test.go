package store

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"schoolbel/workflows"
)

// A list holds a sensitive record for who may know of it, and for nobody else: not
// as a row, not as a place on the page, and not as an answer to a word of it.
func TestAListKeepsASecret(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		ctx := context.Background()
		at := time.Now()
		for i, r := range []workflows.Record{
			{Title: "wifi weg", Reporters: []string{"peter"}},
			{Title: "usb-stick kwijt", Sensitive: true, Reporters: []string{"anna"}},
			{Title: "usb-stick gevonden", Sensitive: true, Reporters: []string{"anna"}, ClosedAt: at},
			{Title: "usb-stick nog eens", Sensitive: true, Reporters: []string{"peter"}, Owner: "noor"},
		} {
			r.Kind, r.State, r.Visit, r.Fields = "incident", "new", 1, map[string]string{}
			r.OpenedAt, r.ChangedAt = at.Add(time.Duration(i)*time.Second), at
			err := s.Do(ctx, func(tx workflows.Tx) error {
				if err := tx.Add(ctx, "INC", &r); err != nil {
					return err
				}
				return tx.Append(ctx, &workflows.Entry{Seq: 1, Ref: r.Ref, Kind: r.Kind, Visit: 1, At: at, LoggedAt: at, Actor: "x", Action: "report", To: "new"})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for who, want := range map[string]string{
			"fatima": "INC-1", "anna": "INC-3 INC-2 INC-1", "peter": "INC-4 INC-1", "noor": "INC-4 INC-1", "els": "INC-4 INC-3 INC-2 INC-1", "api:monitoring": "INC-1",
		} {
			a := workflows.Actor{Key: who}
			switch who {
			case "els":
				a.Roles = []workflows.Role{"privacy_officer"}
			case "noor", "api:monitoring":
				a.Roles = []workflows.Role{workflows.Agent}
			}
			for _, query := range []string{"", "usb"} {
				expected := strings.Fields(want)
				if query != "" {
					expected = slices.DeleteFunc(expected, func(ref string) bool { return ref == "INC-1" })
				}
				var got []string
				for f := (workflows.Filter{For: &a, Query: query, Limit: 1}); ; {
					page, next, err := s.Find(ctx, f)
					if err != nil {
						t.Fatal(err)
					}
					for _, r := range page {
						got = append(got, r.Ref.String())
					}
					if next == "" {
						break
					}
					f.After = next
				}
				if !slices.Equal(got, expected) {
					t.Errorf("%s asks for %q and finds %v, not %v", who, query, got, expected)
				}
			}
		}
	})
}
