package store

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"schoolbel/workflows"
)

// What an adapter remembers is its own, lasts, and is kept or lost together with
// what else a transaction did.
func TestMemory(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s, ctx := open(t, address, Options{}), t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(s.Remember(ctx, "teams", "room/1", []byte("a")))
		must(s.Remember(ctx, "teams", "room/1", []byte("b\x00c")))
		must(s.Remember(ctx, "teams", "room_2", []byte("d")))
		must(s.Remember(ctx, "matrix", "room/1", []byte("e")))
		got, err := s.Recall(ctx, "teams", "room/1")
		if err != nil || !bytes.Equal(got, []byte("b\x00c")) {
			t.Errorf("recalled %q, %v", got, err)
		}
		all, err := s.RecallAll(ctx, "teams", "room/")
		if err != nil || len(all) != 1 {
			t.Errorf("recalled %q, %v", all, err)
		}
		if all, err = s.RecallAll(ctx, "teams", "room_"); err != nil || len(all) != 1 || string(all["room_2"]) != "d" {
			t.Errorf("a line is no wildcard: %q, %v", all, err)
		}
		must(s.Remember(ctx, "teams", "room/1", nil))
		if got, err = s.Recall(ctx, "teams", "room/1"); err != nil || got != nil {
			t.Errorf("what was forgotten is %q, %v", got, err)
		}
		undone := errors.New("undone")
		err = s.Do(ctx, func(tx workflows.Tx) error {
			must(tx.Remember(ctx, "matrix", "since", []byte("1")))
			return undone
		})
		if got, again := s.Recall(ctx, "matrix", "since"); !errors.Is(err, undone) || again != nil || got != nil {
			t.Errorf("what was undone is remembered: %q, %v, %v", got, err, again)
		}
		must(s.Do(ctx, func(tx workflows.Tx) error { return tx.Remember(ctx, "matrix", "since", []byte("2")) }))
		if got, err = s.Recall(ctx, "matrix", "since"); err != nil || string(got) != "2" {
			t.Errorf("recalled %q, %v", got, err)
		}
		one, err := s.Secret(ctx, "links")
		must(err)
		two, err := s.Secret(ctx, "links")
		must(err)
		other, err := s.Secret(ctx, "else")
		must(err)
		if len(one) != 32 || !bytes.Equal(one, two) || bytes.Equal(one, other) {
			t.Errorf("the secrets are %x, %x and %x", one, two, other)
		}
	})
}

// No two processes have the same seat, and one that is left is free for the next.
func TestSeats(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s, ctx := open(t, address, Options{}), t.Context()
		first, held, leave, err := s.Seat(ctx, "matrix/device")
		if err != nil || first != 1 || held.Err() != nil {
			t.Fatalf("seat %d, %v", first, err)
		}
		other, _, leaveOther, err := s.Seat(ctx, "matrix/other")
		if err != nil || other != 1 {
			t.Errorf("under another name it is %d, %v", other, err)
		}
		defer leaveOther()
		if !s.lite {
			second, _, leaveSecond, err := s.Seat(ctx, "matrix/device")
			if err != nil || second != 2 {
				t.Errorf("the next has seat %d, %v", second, err)
			}
			defer leaveSecond()
		}
		leave()
		if held.Err() == nil {
			t.Error("who left still thinks to have it")
		}
		for range 50 { // at once: nobody waits until the server notices
			next, _, leave, err := s.Seat(ctx, "matrix/device")
			if err != nil || next != 1 {
				t.Fatalf("the next one has seat %d, %v", next, err)
			}
			leave()
		}
		again, held, leave, err := s.Seat(ctx, "matrix/device")
		if err != nil || again != 1 {
			t.Errorf("after leaving it is %d, %v", again, err)
		}
		defer leave()
		if !s.lite {
			if _, err := s.pool.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()"); err != nil {
				t.Fatal(err)
			}
			<-held.Done() // the connection is gone, so the seat is
		}
	})
}

// A corner holds tables that cannot be taken for ours.
func TestCorner(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s, ctx := open(t, address, Options{}), t.Context()
		if _, _, err := s.Corner(ctx, "no; DROP"); err == nil {
			t.Error("a corner of any name")
		}
		db, dialect, err := s.Corner(ctx, "keys")
		if err != nil || (dialect == "sqlite3") != s.lite {
			t.Fatalf("%s, %v", dialect, err)
		}
		if _, err := db.ExecContext(ctx, "CREATE TABLE key_accounts (id integer)"); err != nil {
			t.Fatal(err)
		}
		again, _, err := s.Corner(ctx, "keys")
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := again.QueryRowContext(context.WithoutCancel(ctx), "SELECT count(*) FROM key_accounts").Scan(&n); err != nil || n != 0 {
			t.Errorf("%d, %v", n, err)
		}
	})
}
