package store

import (
	"context"
	"database/sql"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"schoolbel/workflows"
)

// rowsOf reads the job rows as text, times by their shape alone, oldest first.
func rowsOf(t *testing.T, s *Store) []string {
	t.Helper()
	query := `SELECT concat_ws(' | ', state, attempt, max_attempts, attempted_at, finalized_at, priority, args, attempted_by, errors, kind, metadata, queue, tags,
		unique_key, unique_states, created_at > now() - interval '1 minute', scheduled_at > now() - interval '1 minute') FROM river_job ORDER BY id`
	if s.lite {
		var parts []string
		for _, c := range strings.Fields("state attempt max_attempts attempted_at finalized_at priority attempted_by errors kind queue unique_key unique_states") {
			parts = append(parts, "typeof("+c+") || ' ' || coalesce("+c+", '')")
		}
		for _, c := range strings.Fields("args metadata tags") {
			parts = append(parts, "typeof("+c+") || ' ' || json("+c+")")
		}
		for _, c := range strings.Fields("created_at scheduled_at") {
			parts = append(parts, "typeof("+c+") || ' ' || length("+c+")")
		}
		query = "SELECT " + strings.Join(parts, " || ' | ' || ") + " FROM river_job ORDER BY id"
	}
	var rows []string
	if err := s.reader.Raw(query).Scan(&rows).Error; err != nil {
		t.Fatal(err)
	}
	return rows
}

var nonce = regexp.MustCompile(`\{"river:unique_nonce":"[^"]*"\}`)

// What we write for a job must be what River would write.
func TestOurJobRowIsRiversOwn(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		ctx := t.Context()
		job := workflows.Announce{Ref: workflows.Ref{Prefix: "INC", Number: 7}, Seq: 3}
		if err := s.Do(ctx, func(tx workflows.Tx) error { return tx.Later(ctx, job, time.Time{}) }); err != nil {
			t.Fatal(err)
		}
		opts := &river.InsertOpts{Queue: queueOf(job.Kind()), MaxAttempts: tries}
		var err error
		if s.lite {
			err = insertAsRiver(ctx, func() (*river.Client[*sql.Tx], error) {
				return river.NewClient(riversqlite.New(s.writer), &river.Config{})
			}, job, opts)
		} else {
			err = insertAsRiver(ctx, func() (*river.Client[pgx.Tx], error) { return river.NewClient(riverpgxv5.New(s.pool), &river.Config{}) }, job, opts)
		}
		if err != nil {
			t.Fatal(err)
		}
		rows := rowsOf(t, s)
		for i := range rows { // by this mark the SQLite driver tells whether its own row was new
			rows[i] = nonce.ReplaceAllString(rows[i], "{}")
		}
		if len(rows) != 2 || rows[0] != rows[1] {
			t.Errorf("ours and River's:\n%s", strings.Join(rows, "\n"))
		}
	})
}

func insertAsRiver[T any](ctx context.Context, client func() (*river.Client[T], error), job river.JobArgs, opts *river.InsertOpts) error {
	c, err := client()
	if err == nil {
		_, err = c.Insert(ctx, job, opts)
	}
	return err
}
