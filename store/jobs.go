package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
	"gorm.io/gorm"

	"schoolbel/workflows"
)

// Queues keep slow work from holding up other work.
const (
	queueAnnounce = "announce"
	queueCarry    = "carry"
	queueClocks   = "clocks"
)

// tries is how often a job is tried before it is given up: for days, with pauses
// that grow.
const tries = 25

// workshop is what works on jobs.
type workshop struct {
	id      string
	workers *river.Workers
	stop    func(context.Context) error
	bell    bell
}

func queueOf(kind string) string {
	switch kind {
	case (workflows.Carry{}).Kind():
		return queueCarry
	case (workflows.Announce{}).Kind():
		return queueAnnounce
	default:
		return queueClocks
	}
}

// Handle says who works on a kind of job. Call it before Work.
func Handle[J workflows.Job](s *Store, do func(context.Context, J) error) {
	if s.work.workers == nil {
		s.work.workers = river.NewWorkers()
	}
	river.AddWorker(s.work.workers, river.WorkFunc(func(ctx context.Context, job *river.Job[J]) error {
		s.gate.pass(ctx)
		err := do(forJob(ctx), job.Args)
		var again *workflows.Again
		if errors.As(err, &again) {
			return river.JobSnooze(max(0, again.At.Sub(s.now())))
		}
		return err
	}))
}

// job is the statement that adds a job: the row that River itself would write, as
// a test shows, so that it can travel with everything else. It is available from
// the start, with its moment: workers take it when that has come.
func (s *Store) job(kind, args string, now, at time.Time) stmt {
	const into = "river_job (args, created_at, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags)"
	if s.lite {
		return stmt{
			into: into, values: "(jsonb(?), ?, ?, ?, jsonb('{}'), 1, ?, ?, 'available', jsonb('[]'))",
			args: []any{args, liteTime(now), kind, tries, queueOf(kind), liteTime(at)},
		}
	}
	return stmt{
		into: into, values: "(?, ?, ?, ?, '{}', 1, ?, ?, 'available', '{}')",
		args: []any{args, micro(now), kind, tries, queueOf(kind), micro(at)},
	}
}

// liteTime writes a moment as River does on SQLite.
func liteTime(t time.Time) string {
	return t.UTC().Round(time.Millisecond).Format("2006-01-02 15:04:05.000")
}

// clock gives River our own time.
type clock struct{ s *Store }

// Now is the time.
func (c clock) Now() time.Time { return c.s.now() }

// NowOrNil is the time when it is not the real one.
func (c clock) NowOrNil() *time.Time {
	if !c.s.fake {
		return nil
	}
	now := c.s.now().UTC()
	return &now
}

// patience is how long a failed job waits: a second, then twice as long each time.
type patience struct{ s *Store }

// NextRetry is when it may be tried again.
func (p patience) NextRetry(job *rivertype.JobRow) time.Time {
	return p.s.now().Add(min(time.Second<<min(len(job.Errors), 12), time.Hour))
}

// Work starts working on jobs, until Stop or the end of ctx.
func (s *Store) Work(ctx context.Context) error {
	if s.work.workers == nil {
		s.work.workers = river.NewWorkers()
	}
	Handle(s, func(ctx context.Context, _ sweepJob) error { return s.sweep(ctx) })
	Handle(s, func(ctx context.Context, _ sealJob) error { return s.seal(ctx) })
	Handle(s, func(ctx context.Context, _ cleanJob) error { return s.clean(ctx) })
	config := &river.Config{
		ID: s.work.id, Workers: s.work.workers, Logger: slog.New(quiet{s.log.Handler()}), MaxAttempts: tries, RetryPolicy: patience{s},
		JobTimeout: time.Minute, RescueStuckJobsAfter: 2 * time.Minute, FetchCooldown: 5 * time.Millisecond, FetchPollInterval: 100 * time.Millisecond,
		CompletedJobRetentionPeriod: time.Hour, Test: river.TestConfig{Time: clock{s}}, SkipUnknownJobCheck: true,
		Queues: map[string]river.QueueConfig{queueAnnounce: {MaxWorkers: 8}, queueCarry: {MaxWorkers: 16}, queueClocks: {MaxWorkers: 2}},
		PeriodicJobs: []*river.PeriodicJob{
			every(5*time.Second, sweepJob{}), every(10*time.Minute, sealJob{}), every(24*time.Hour, cleanJob{}),
		},
	}
	if s.lite {
		config.FetchPollInterval = 50 * time.Millisecond // nobody can ring there; a look costs a tenth of a core at 20 ms
	}
	if err := s.afterCrash(ctx); err != nil {
		return err
	}
	if s.lite {
		return work(ctx, s, func() (*river.Client[*sql.Tx], error) { return river.NewClient(riversqlite.New(s.writer), config) })
	}
	return work(ctx, s, func() (*river.Client[pgx.Tx], error) { return river.NewClient(riverpgxv5.New(s.pool), config) })
}

func work[T any](ctx context.Context, s *Store, make func() (*river.Client[T], error)) error {
	client, err := make()
	if err != nil {
		return fmt.Errorf("store: jobs: %w", err)
	}
	s.work.stop = client.Stop
	// Jobs that run may end in peace when ctx does; Stop waits for them.
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("store: jobs: %w", err)
	}
	return nil
}

func every(d time.Duration, job river.JobArgs) *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(d), func() (river.JobArgs, *river.InsertOpts) {
		return job, &river.InsertOpts{Queue: queueClocks, UniqueOpts: river.UniqueOpts{ByQueue: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled,
		}}}
	}, nil)
}

// Stop takes no more jobs and waits for those that run.
func (s *Store) Stop() {
	if s.work.stop == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := s.work.stop(ctx); err != nil {
		s.log.Warn("some jobs did not end in time; they are done again later", "error", err)
	}
	s.work.stop = nil
}

// Idle waits until no job is due, whichever process works on it: for tests. It asks
// the database again and again, since another process tells us nothing.
func (s *Store) Idle(ctx context.Context) error {
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		due, err := s.Due(ctx)
		if err != nil || due == 0 {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("store: %d jobs still due: %w", due, ctx.Err())
		}
	}
}

// Due counts the jobs about records that are due or running, to a hundred.
func (s *Store) Due(ctx context.Context) (int64, error) {
	var n int64
	var now any = micro(s.now())
	if s.lite {
		now = liteTime(s.now())
	}
	err := s.reader.WithContext(ctx).Raw(`SELECT count(*) FROM (SELECT 1 FROM river_job WHERE kind IN ('announce', 'carry', 'tick', 'late')
		AND (state = 'running' OR state IN ('available', 'scheduled', 'retryable') AND scheduled_at <= ?) LIMIT 100) AS few`, now).Scan(&n).Error
	return n, err
}

// direct is GORM over the connections that write.
func (s *Store) direct(ctx context.Context) (*gorm.DB, func(), error) {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("store: connect: %w", err)
	}
	return s.over(ctx, conn), func() { _ = conn.Close() }, nil
}

// exec carries out one statement by itself.
func (s *Store) exec(ctx context.Context, query string, args ...any) error {
	if _, err := s.writer.ExecContext(ctx, s.bind(query), args...); err != nil {
		return fmt.Errorf("store: write: %w", err)
	}
	return nil
}

// quiet keeps River's own news out of the log, but for what is wrong.
type quiet struct{ slog.Handler }

// Enabled lets warnings and errors through.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}
