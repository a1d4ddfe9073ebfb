package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"schoolbel/store/storetest"
	"schoolbel/workflows"
)

// databases runs a test on SQLite and on PostgreSQL, each in a database of its own.
func databases(t *testing.T, test func(t *testing.T, address string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "schoolbel.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, storetest.Postgres(t)) })
}

func open(t *testing.T, address string, o Options) *Store {
	t.Helper()
	o.Migrate = true
	s, err := Open(t.Context(), address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Stop()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// add opens a record as the engine would.
func add(t *testing.T, s *Store, id, title string) workflows.Ref {
	t.Helper()
	var ref workflows.Ref
	err := s.Do(t.Context(), func(tx workflows.Tx) error {
		var err error
		ref, err = addIn(t.Context(), tx, id, title, time.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func addIn(ctx context.Context, tx workflows.Tx, id, title string, now time.Time) (workflows.Ref, error) {
	ref, seen, err := tx.Once(ctx, id)
	if err != nil || seen {
		return ref, err
	}
	r := &workflows.Record{
		Kind: "incident", Title: title, State: "new", Visit: 1, Reporters: []string{"anna"}, Fields: map[string]string{"type": "outage"},
		Service: "wifi", OpenedAt: now, ChangedAt: now,
	}
	if err := tx.Add(ctx, "INC", r); err != nil {
		return ref, err
	}
	e := &workflows.Entry{Seq: 1, Ref: r.Ref, Kind: "incident", Visit: 1, At: now, LoggedAt: now, Actor: "anna", Name: "Anna", Action: "report", To: "new", Note: title}
	if err := tx.Append(ctx, e); err != nil {
		return ref, err
	}
	tx.Came(id, r.Ref)
	return r.Ref, tx.Later(ctx, workflows.Announce{Ref: r.Ref, Seq: 1}, time.Time{})
}

func change(ctx context.Context, tx workflows.Tx, ref workflows.Ref, state workflows.State, note string) error {
	r, err := tx.Record(ctx, ref)
	if err != nil {
		return err
	}
	r.State = state
	if err := tx.Save(ctx, r); err != nil {
		return err
	}
	now := time.Now()
	return tx.Append(ctx, &workflows.Entry{Seq: int64(r.Version), Ref: ref, Kind: r.Kind, At: now, LoggedAt: now, Actor: "noor", Name: "Noor", Action: "take", To: state, Note: note})
}

func TestARecordComesBackAsItWasKept(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		ref := add(t, s, "e1", "wifi ligt eruit")
		if ref.String() != "INC-1" {
			t.Errorf("the first is %s", ref)
		}
		if err := s.Do(t.Context(), func(tx workflows.Tx) error { return change(t.Context(), tx, ref, "in_progress", "bezig") }); err != nil {
			t.Fatal(err)
		}
		r, err := s.Record(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if r.Title != "wifi ligt eruit" || r.State != "in_progress" || r.Version != 2 || r.Field("type") != "outage" || len(r.Reporters) != 1 {
			t.Errorf("read %+v", r)
		}
		log, err := s.Log(t.Context(), ref)
		if err != nil || len(log) != 2 || log[1].Note != "bezig" || log[0].Name != "Anna" {
			t.Errorf("log %+v, %v", log, err)
		}
		if _, err := s.Record(t.Context(), workflows.Ref{Prefix: "INC", Number: 99}); !refused(err, workflows.Missing) {
			t.Errorf("a record that is not there gives %v", err)
		}
	})
}

func refused(err error, code workflows.Code) bool {
	var e *workflows.Error
	return errors.As(err, &e) && e.Code == code
}

func TestTheSameEventTenTimesAtOnceOnTwoStores(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		stores := []*Store{open(t, address, Options{})}
		if strings.HasPrefix(address, "postgres") {
			stores = append(stores, open(t, address, Options{}))
		}
		var going sync.WaitGroup
		var lock sync.Mutex
		refs := map[workflows.Ref]int{}
		for i := range 10 {
			going.Go(func() {
				ref := add(t, stores[i%len(stores)], "same", "wifi")
				lock.Lock()
				refs[ref]++
				lock.Unlock()
			})
		}
		going.Wait()
		if len(refs) != 1 {
			t.Errorf("one event made %v", refs)
		}
		found, _, err := stores[0].Find(t.Context(), workflows.Filter{})
		if err != nil || len(found) != 1 {
			t.Errorf("%d records, %v", len(found), err)
		}
	})
}

func TestManyWritersLoseNothing(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		ref := add(t, s, "e", "wifi")
		var going sync.WaitGroup
		for i := range 20 {
			going.Go(func() {
				if err := s.Do(t.Context(), func(tx workflows.Tx) error { return change(t.Context(), tx, ref, "new", fmt.Sprint(i)) }); err != nil {
					t.Error(err)
				}
			})
		}
		going.Wait()
		if r, err := s.Record(t.Context(), ref); err != nil || r.Version != 21 {
			t.Errorf("version %d, %v", r.Version, err)
		}
		report, err := s.Verify(t.Context(), nil)
		if err != nil || len(report.Breaks) > 0 || report.Lines != 21 {
			t.Errorf("%v, %v", report, err)
		}
	})
}

func TestWhatFailsLeavesNothing(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		no := errors.New("no")
		err := s.Do(t.Context(), func(tx workflows.Tx) error {
			if _, err := addIn(t.Context(), tx, "e", "wifi", time.Now()); err != nil {
				return err
			}
			return no
		})
		if !errors.Is(err, no) {
			t.Fatal(err)
		}
		// A step that fails takes back its own writes alone.
		err = s.Do(t.Context(), func(tx workflows.Tx) error {
			if _, err := addIn(t.Context(), tx, "kept", "first", time.Now()); err != nil {
				return err
			}
			if err := tx.Try(t.Context(), func() error {
				if _, err := addIn(t.Context(), tx, "gone", "second", time.Now()); err != nil {
					return err
				}
				return no
			}); !errors.Is(err, no) {
				return fmt.Errorf("try gave %w", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		found, _, err := s.Find(t.Context(), workflows.Filter{})
		if err != nil || len(found) != 1 || found[0].Title != "first" {
			t.Errorf("found %v, %v", found, err)
		}
	})
}

func TestPagesAndFilters(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		for i := range 7 {
			add(t, s, fmt.Sprint(i), fmt.Sprintf("Storing %d 100%%", i))
		}
		var seen []string
		f := workflows.Filter{Open: true, Reporters: []string{"anna"}, Query: "STORING 100%", Limit: 3, Kinds: []workflows.Kind{"incident"}, Services: []string{"wifi"}}
		for {
			page, next, err := s.Find(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page {
				seen = append(seen, r.Ref.String())
			}
			if f.After = next; next == "" {
				break
			}
		}
		if got := strings.Join(seen, " "); got != "INC-7 INC-6 INC-5 INC-4 INC-3 INC-2 INC-1" {
			t.Errorf("saw %s", got)
		}
		for _, none := range []workflows.Filter{{Reporters: []string{"peter"}}, {States: []workflows.State{"closed"}}, {Query: "100_"}, {Since: time.Now().Add(time.Hour)}, {Wide: true}} {
			if page, _, err := s.Find(t.Context(), none); err != nil || len(page) != 0 {
				t.Errorf("%+v found %d, %v", none, len(page), err)
			}
		}
		if _, _, err := s.Find(t.Context(), workflows.Filter{After: "nonsense"}); !refused(err, workflows.Invalid) {
			t.Errorf("a bad cursor gives %v", err)
		}
	})
}

func TestMessagesKeepTheirOrderAndTheirOutcome(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		ref := add(t, s, "e", "wifi")
		ctx, now := t.Context(), time.Now()
		err := s.Do(ctx, func(tx workflows.Tx) error {
			return errors.Join(
				tx.Refresh(ctx, "slack:C1", ref, ""),
				tx.Send(ctx, workflows.Delivery{ID: "a", Place: "slack:C1", Kind: "say"}),
				tx.Send(ctx, workflows.Delivery{ID: "a", Place: "slack:C1", Kind: "say"}),
				tx.Send(ctx, workflows.Delivery{ID: "b", Place: "slack:C2", Kind: "say"}),
				tx.Refresh(ctx, "slack:C1", ref, ""),
			)
		})
		if err != nil {
			t.Fatal(err)
		}
		claim := func(place string, at time.Time) *workflows.Delivery {
			t.Helper()
			d, _, err := s.Claim(ctx, place, nil, at)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		card := claim("slack:C1", now)
		if card == nil || card.Kind != "card" || card.Ref != ref || card.State != workflows.Pending {
			t.Fatalf("first came %+v", card)
		}
		if other := claim("slack:C1", now); other != nil {
			t.Errorf("while one is out came %+v", other)
		}
		if other := claim("slack:C2", now); other == nil || other.ID != "b" {
			t.Errorf("a slow place held up another: %+v", other)
		}
		// Wanted again while it is out: it comes once more, as an edit.
		if err := s.Do(ctx, func(tx workflows.Tx) error { return tx.Refresh(ctx, "slack:C1", ref, "") }); err != nil {
			t.Fatal(err)
		}
		card.State, card.Receipt, card.Drawn = workflows.Sent, "111.2", 1
		if err := s.Settle(ctx, card); err != nil {
			t.Fatal(err)
		}
		if edit := claim("slack:C1", now); edit == nil || edit.Receipt != "111.2" {
			t.Fatalf("then came %+v", edit)
		} else if lost := claim("slack:C1", now.Add(lease+time.Second)); lost == nil || lost.State != workflows.Ambiguous {
			t.Fatalf("after the lease came %+v", lost)
		} else {
			lost.State = workflows.Sent
			if err := s.Settle(ctx, lost); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Hold(ctx, "slack:", now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if d, again, err := s.Claim(ctx, "slack:C1", nil, now); err != nil || d != nil || again.Before(now.Add(59*time.Second)) {
			t.Errorf("held back gives %+v, %s, %v", d, again, err)
		}
		if d := claim("slack:C1", now.Add(2*time.Minute)); d == nil || d.ID != "a" {
			t.Errorf("last came %+v", d)
		}
		if d, err := s.Message(ctx, "slack:C1", "111.2"); err != nil || d == nil || d.Ref != ref {
			t.Errorf("the message is %+v, %v", d, err)
		}
	})
}

// What waits for an adapter and has no letter yet, oldest first; nothing else.
func TestWhatIsStuck(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		s := open(t, address, Options{Now: func() time.Time { return at }})
		ref := add(t, s, "e", "wifi")
		ctx := t.Context()
		send := func(list ...workflows.Delivery) {
			t.Helper()
			err := s.Do(ctx, func(tx workflows.Tx) error {
				for _, d := range list {
					if err := tx.Send(ctx, d); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		send(workflows.Delivery{ID: "second", Place: "slack:C2", Kind: "news", Person: "anna", Seq: 3, Body: []byte(`{}`)})
		at = at.Add(-time.Minute)
		send(
			workflows.Delivery{ID: "first", Place: "slack:C1", Kind: "news", Ref: ref},
			workflows.Delivery{ID: "answer", Place: "slack:C1", Kind: "say"},
			workflows.Delivery{ID: "elsewhere", Place: "slackish:C1", Kind: "news"},
			workflows.Delivery{ID: "written", Place: "slack:C3", Kind: "news"}, workflows.Delivery{ID: "mail:written", Place: "mail:x", Kind: "letter"},
			workflows.Delivery{ID: "sent", Place: "slack:C4", Kind: "news"}, workflows.Delivery{ID: "failed", Place: "slack:C5", Kind: "news"},
			workflows.Delivery{ID: "old", Place: "slack:C6", Kind: "card", Ref: ref}, workflows.Delivery{ID: "new", Place: "slack:C7", Kind: "card", Ref: ref},
		)
		for place, state := range map[string]workflows.DeliveryState{"slack:C4": workflows.Sent, "slack:C5": workflows.Failed, "slack:C6": workflows.Ambiguous} {
			d, _, err := s.Claim(ctx, place, nil, at)
			if err != nil || d == nil {
				t.Fatalf("%s: %v, %v", place, d, err)
			}
			d.State, d.Receipt = state, "1.1"
			if err := s.Settle(ctx, d); err != nil {
				t.Fatal(err)
			}
		}
		found, err := s.Stuck(ctx, "slack", "mail:")
		var ids []string
		for _, d := range found {
			ids = append(ids, d.ID)
		}
		if err != nil || strings.Join(ids, " ") != "first new second" || found[0].Ref != ref || found[2].Person != "anna" || found[2].Seq != 3 || string(found[2].Body) != "{}" {
			t.Errorf("stuck are %q, %+v, %v", ids, found, err)
		}
	})
}

func TestJobsAreWorkedOnAndCanBePutOff(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		var lock sync.Mutex
		var asked int
		Handle(s, func(_ context.Context, a workflows.Announce) error {
			lock.Lock()
			defer lock.Unlock()
			if asked++; asked == 1 {
				return &workflows.Again{At: time.Now().Add(10 * time.Millisecond)}
			}
			if a.Ref.String() != "INC-1" || a.Seq != 1 {
				t.Errorf("asked to announce %+v", a)
			}
			return nil
		})
		if err := s.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		add(t, s, "e", "wifi")
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		for {
			if err := s.Idle(ctx); err != nil {
				t.Fatal(err)
			}
			lock.Lock()
			done := asked >= 2
			lock.Unlock()
			if done {
				return
			}
		}
	})
}

func TestTheLogCannotBeChangedUnseen(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		ctx := t.Context()
		first := add(t, s, "e1", "wifi")
		add(t, s, "e2", "beamer")
		if err := s.Do(ctx, func(tx workflows.Tx) error { return change(ctx, tx, first, "closed", "klaar") }); err != nil {
			t.Fatal(err)
		}
		if err := s.seal(ctx); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"UPDATE log SET actor = 'iemand'", "DELETE FROM log", "UPDATE seals SET heads = 9", "DELETE FROM sealed"} {
			if err := s.exec(ctx, bad); err == nil {
				t.Errorf("the database took %s", bad)
			}
		}
		if err := s.exec(ctx, "UPDATE log SET words = NULL WHERE number = 1 AND seq = 1"); err != nil {
			t.Errorf("words cannot be erased: %v", err)
		}
		report, err := s.Verify(ctx, nil)
		if err != nil || len(report.Breaks) > 0 || report.Seals != 1 || report.Records != 2 {
			t.Fatalf("%v, %v", report, err)
		}
		// Somebody with the keys of the database takes the guards away.
		guards := []string{"ALTER TABLE log DISABLE TRIGGER ALL"}
		if s.lite {
			guards = []string{"DROP TRIGGER log_changed", "DROP TRIGGER log_delete"}
		}
		for _, w := range append(guards, "UPDATE log SET actor = 'iemand' WHERE number = 1 AND seq = 2") {
			if err := s.exec(ctx, w); err != nil {
				t.Fatal(err)
			}
		}
		report, err = s.Verify(ctx, nil)
		if err != nil || len(report.Breaks) != 1 || report.Breaks[0].Where != "INC-1 line 2" {
			t.Errorf("%v, %v", report, err)
		}
	})
}

func TestPeopleAndConversations(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		ctx := t.Context()
		err := s.Do(ctx, func(tx workflows.Tx) error {
			a := workflows.Account{ID: "slack:U1", Person: "anna", Name: "Anna", Locale: "nl", SeenAt: time.Now()}
			if err := tx.SaveAccount(ctx, a); err != nil {
				return err
			}
			got, err := tx.Account(ctx, "slack:U1")
			if err != nil || got == nil || got.Person != "anna" {
				return fmt.Errorf("account %+v, %w", got, err)
			}
			if none, err := tx.Account(ctx, "slack:U2"); err != nil || none != nil {
				return fmt.Errorf("a stranger is %+v, %w", none, err)
			}
			if err := tx.SaveTalk(ctx, workflows.Talk{Key: "k", Body: []byte(`{"a":1}`), Expires: time.Now().Add(time.Minute)}); err != nil {
				return err
			}
			talk, err := tx.Talk(ctx, "k")
			if err != nil || talk == nil || string(talk.Body) != `{"a":1}` {
				return fmt.Errorf("talk %+v, %w", talk, err)
			}
			if err := tx.SaveTalk(ctx, workflows.Talk{Key: "k"}); err != nil {
				return err
			}
			if talk, err := tx.Talk(ctx, "k"); err != nil || talk != nil {
				return fmt.Errorf("an ended talk is %+v, %w", talk, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestASecondProcessOnOneFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "schoolbel.db")
	open(t, path, Options{})
	if _, err := Open(t.Context(), path, Options{Migrate: true}); err == nil || !strings.Contains(err.Error(), "another schoolbel uses") {
		t.Errorf("the second got %v", err)
	}
	look, err := Open(t.Context(), path, Options{ReadOnly: true})
	if err != nil {
		t.Fatalf("looking beside it: %v", err)
	}
	if err := look.Close(); err != nil {
		t.Error(err)
	}
}
