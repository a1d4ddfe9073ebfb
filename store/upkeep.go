package store

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"schoolbel/workflows"
)

// Jobs of the store itself.
type (
	sweepJob struct{}
	sealJob  struct{}
	cleanJob struct{}
)

// Kind names the job.
func (sweepJob) Kind() string { return "sweep" }

// Kind names the job.
func (sealJob) Kind() string { return "seal" }

// Kind names the job.
func (cleanJob) Kind() string { return "clean" }

// alive is the class of the locks by which processes show that they live.
const alive = 7_364_002

// lockOf is a process's number in the class of locks.
func lockOf(id string) int32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return int32(h.Sum32())
}

// lost is what becomes of a message whose carrier died: the platform is asked for
// it, but not before what he sent at the last moment can have arrived.
const (
	lost     = "UPDATE deliveries SET state = 'ambiguous', holder = '', lease = NULL, not_before = ? WHERE state = 'sending'"
	onItsWay = 2 * time.Second
)

// afterCrash shows others that this process lives, and takes back what dead
// ones had in hand. On SQLite there is no other process: all that was in hand
// belongs to a dead one.
func (s *Store) afterCrash(ctx context.Context) error {
	if s.lite {
		if err := s.exec(ctx, "UPDATE river_job SET state = 'available' WHERE state = 'running'"); err != nil {
			return err
		}
		if err := s.exec(ctx, lost, micro(s.now()).Add(onItsWay)); err != nil {
			return err
		}
		return s.sweep(ctx)
	}
	conn, err := s.pool.Acquire(context.WithoutCancel(ctx))
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	own := conn.Hijack() // the lock lives as long as this connection
	s.closers = append(s.closers, func() error { return own.Close(context.Background()) })
	if _, err := own.Exec(ctx, "SELECT pg_advisory_lock($1, $2)", int32(alive), lockOf(s.work.id)); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return s.sweep(ctx)
}

// sweep takes back what dead processes had in hand, and sees to it that every
// place with a message that may go has somebody to carry it.
func (s *Store) sweep(ctx context.Context) error {
	if !s.lite {
		if err := s.takeBack(ctx); err != nil {
			return err
		}
	}
	var places []string
	now := micro(s.now())
	err := s.reader.WithContext(ctx).Raw(`SELECT DISTINCT place FROM deliveries WHERE state IN ('pending', 'ambiguous', 'sending')
		AND (not_before IS NULL OR not_before <= ?) AND (lease IS NULL OR lease <= ?) AND added_at <= ?`, now.Add(onItsWay), now, now.Add(-5*time.Second)).Scan(&places).Error
	if err != nil {
		return fmt.Errorf("store: sweep: %w", err)
	}
	if len(places) == 0 {
		return nil
	}
	return s.Do(ctx, func(t workflows.Tx) error {
		for _, place := range places {
			if err := t.Later(ctx, workflows.Carry{Place: place}, time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) takeBack(ctx context.Context) error {
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT id FROM (
			SELECT attempted_by[array_upper(attempted_by, 1)] AS id FROM river_job WHERE state = 'running'
			UNION SELECT holder FROM deliveries WHERE state = 'sending') AS busy`)
	if err != nil {
		return fmt.Errorf("store: sweep: %w", err)
	}
	var busy []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return fmt.Errorf("store: sweep: %w", err)
		}
		busy = append(busy, id)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("store: sweep: %w", err)
	}
	for _, id := range busy {
		var lives bool
		err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND classid = $1 AND objid = $2)`,
			uint32(alive), uint32(lockOf(id))).Scan(&lives)
		if err != nil {
			return fmt.Errorf("store: sweep: %w", err)
		}
		if lives {
			continue
		}
		s.log.Info("a process is gone; its work goes on here", "process", id)
		if err := s.exec(ctx, "UPDATE river_job SET state = 'available' WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = ?", id); err != nil {
			return err
		}
		if err := s.exec(ctx, lost+" AND holder = ?", micro(s.now()).Add(onItsWay), id); err != nil {
			return err
		}
	}
	return nil
}

// How long things are kept that only serve the work itself.
const (
	keepOnce     = 30 * 24 * time.Hour // no platform repeats an event after so long
	keepMessages = 90 * 24 * time.Hour
)

// clean takes away what is no longer needed: ids of old events, conversations
// that ended, messages about records that are closed.
func (s *Store) clean(ctx context.Context) error {
	now := micro(s.now())
	for _, w := range []stmt{
		{sql: "DELETE FROM once WHERE at < ?", args: []any{now.Add(-keepOnce)}},
		{sql: "DELETE FROM talks WHERE expires < ?", args: []any{now}},
		{sql: "DELETE FROM holds WHERE until < ?", args: []any{now}},
		{sql: `DELETE FROM deliveries WHERE state IN ('sent', 'failed') AND added_at < ? AND NOT EXISTS (
			SELECT 1 FROM records r WHERE r.prefix = deliveries.prefix AND r.number = deliveries.number AND r.closed_at IS NULL)`, args: []any{now.Add(-keepMessages)}},
	} {
		if err := s.exec(ctx, w.sql, w.args...); err != nil {
			return err
		}
	}
	return nil
}
