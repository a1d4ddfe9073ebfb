package store

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"testing"
	"time"

	"schoolbel/workflows"
)

// Whoever is alone by a name reads what the one before wrote: nothing is counted
// twice, in whichever process.
func TestAlone(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		stores := []*Store{open(t, address, Options{})}
		if !stores[0].lite {
			stores = append(stores, open(t, address, Options{}))
		}
		ctx := context.Background()
		const each = 10
		var going sync.WaitGroup
		for _, s := range stores {
			for range 4 {
				going.Go(func() {
					for range each {
						err := s.Do(ctx, func(tx workflows.Tx) error {
							if err := tx.Alone(ctx, "counting"); err != nil {
								return err
							}
							raw, err := tx.Recall(ctx, "test", "n")
							if err != nil {
								return err
							}
							n, _ := strconv.Atoi(string(raw)) // nothing is 0
							return tx.Remember(ctx, "test", "n", []byte(strconv.Itoa(n+1)))
						})
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		going.Wait()
		raw, err := stores[0].Recall(ctx, "test", "n")
		if want := strconv.Itoa(4 * each * len(stores)); err != nil || string(raw) != want {
			t.Errorf("counted to %s instead of %s, %v", raw, want, err)
		}
		err = stores[0].Do(ctx, func(tx workflows.Tx) error { // a read sees what was just written
			if err := tx.Remember(ctx, "test", "n", []byte("here")); err != nil {
				return err
			}
			if raw, err := tx.Recall(ctx, "test", "n"); err != nil || string(raw) != "here" {
				t.Errorf("it recalls %q, %v", raw, err)
			}
			if raw, err := tx.Recall(ctx, "other", "n"); err != nil || raw != nil {
				t.Errorf("of another it recalls %q, %v", raw, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// The id of an account that was tied stands for the person; that it was seen changes
// nothing else of it.
func TestAccountsOfAPerson(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		ctx := context.Background()
		at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		err := s.Do(ctx, func(tx workflows.Tx) error {
			for id, person := range map[string]string{"slack:U0ONE": "anna", "teams:one": "anna", "slack:U0TWO": "slack:U0TWO"} {
				if err := tx.SaveAccount(ctx, workflows.Account{ID: id, Person: person, Name: "n", SeenAt: at}); err != nil {
					return err
				}
			}
			if err := tx.Seen(ctx, workflows.Account{ID: "teams:one", Person: "somebody", SeenAt: at.Add(time.Hour)}); err != nil {
				return err
			}
			return tx.Seen(ctx, workflows.Account{ID: "matrix:new", Person: "anna", Name: "Anna", SeenAt: at})
		})
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]string{
			"anna":        "matrix:new slack:U0ONE teams:one",
			"slack:U0ONE": "matrix:new slack:U0ONE teams:one", // once a guest by itself
			"slack:U0TWO": "slack:U0TWO",
			"nobody":      "",
		} {
			err := s.Do(ctx, func(tx workflows.Tx) error {
				list, err := tx.Accounts(ctx, key)
				got := ""
				for _, a := range list {
					if got != "" {
						got += " "
					}
					got += a.ID
					if a.ID == "teams:one" && (!a.SeenAt.Equal(at.Add(time.Hour)) || a.Name != "n" || a.Person != "anna") {
						t.Errorf("seen again, it is %+v", a)
					}
				}
				if got != want {
					t.Errorf("the accounts of %q are %q, not %q", key, got, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A try that only waited in line does not count.
func TestWaitingInLineIsNoTry(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		ctx := context.Background()
		err := s.Do(ctx, func(tx workflows.Tx) error {
			return tx.Send(ctx, workflows.Delivery{ID: "m", Place: "slack:C1", Kind: "say", Body: json.RawMessage(`{}`)})
		})
		if err != nil {
			t.Fatal(err)
		}
		for try, held := range []bool{true, true, false, true, false} {
			d, _, err := s.Claim(ctx, "slack:C1", nil, time.Now())
			if err != nil || d == nil {
				t.Fatal(d, err)
			}
			if want := []int{1, 1, 1, 2, 2}[try]; d.Attempt != want {
				t.Errorf("try %d counts as %d, not %d", try, d.Attempt, want)
			}
			d.Held = held
			if err := s.Settle(ctx, d); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Who is known by several keys finds what any of them reported, and what of that is
// for their eyes.
func TestAListOfSeveralKeys(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		ctx := context.Background()
		at := time.Now()
		for i, reporter := range []string{"anna", "slack:U0GAST", "peter"} {
			r := workflows.Record{
				Kind: "incident", State: "new", Visit: 1, Fields: map[string]string{}, Title: reporter, Sensitive: true,
				Reporters: []string{reporter}, OpenedAt: at.Add(time.Duration(i) * time.Second), ChangedAt: at,
			}
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
		me := workflows.Actor{Key: "anna", Also: []string{"teams:anna", "slack:U0GAST"}}
		for _, f := range []workflows.Filter{{Reporters: me.Keys()}, {For: &me}} {
			found, _, err := s.Find(ctx, f)
			if err != nil || len(found) != 2 || found[0].Title != "slack:U0GAST" || found[1].Title != "anna" {
				t.Errorf("%+v finds %d, %v", f, len(found), err)
			}
		}
	})
}
