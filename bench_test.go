package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"
)

// intake is what one report must do at the least: a record, its log line, two
// jobs, and the event's id.
const intake = `\set n random(1, 1000000000)
BEGIN;
INSERT INTO bench_once (id) VALUES (:client_id || '-' || :n || '-' || random());
INSERT INTO bench_record (kind, title, state, fields, opened_at) VALUES ('incident', 'printer doet het niet', 'new', '{"type":"outage"}', now());
INSERT INTO bench_log (seq, actor, note, hash, at) VALUES (1, 'anna', 'printer doet het niet', 'abcdefghijklmnopqrstuvwxyz012345', now());
INSERT INTO bench_job (kind, args, scheduled_at) VALUES ('announce', '{"ref":"INC-1","seq":1}', now());
INSERT INTO bench_job (kind, args, scheduled_at) VALUES ('tick', '{"ref":"INC-1"}', now() + interval '4 hours');
COMMIT;
`

const benchTables = `
CREATE TABLE bench_once (id text PRIMARY KEY);
CREATE TABLE bench_record (id bigserial PRIMARY KEY, kind text, title text, state text, fields jsonb, opened_at timestamptz);
CREATE INDEX ON bench_record (opened_at);
CREATE TABLE bench_log (id bigserial PRIMARY KEY, seq bigint, actor text, note text, hash text, at timestamptz);
CREATE TABLE bench_job (id bigserial PRIMARY KEY, kind text, args jsonb, scheduled_at timestamptz);
CREATE INDEX ON bench_job (kind, scheduled_at);`

// TestBench holds the whole program against pgbench on the same PostgreSQL, in the
// same run. make bench runs it; it prints, and fails under the goals.
func TestBench(t *testing.T) {
	if os.Getenv("SCHOOLBEL_BENCH") == "" {
		t.Skip("a benchmark: run make bench")
	}
	database := newPostgres(t)
	script := filepath.Join(t.TempDir(), "intake.sql")
	if err := os.WriteFile(script, []byte(intake), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(program string, args ...string) string {
		t.Helper()
		out, err := exec.Command(filepath.Join(os.Getenv("PGBIN"), program), args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", program, err, out)
		}
		return string(out)
	}
	run("psql", database, "-q", "-c", benchTables)
	h := build(t, database, 1)
	host := h.apps[0].listener.Addr().String()
	during := 5 * time.Second
	var at16 struct {
		ratio float64
		speed speed
	}
	for _, clients := range benchClients() {
		out := run("pgbench", "-n", "-M", "prepared", "-c", strconv.Itoa(clients), "-j", "2", "-T", "5", "-f", script, database)
		m := regexp.MustCompile(`tps = ([\d.]+)`).FindStringSubmatch(out)
		if m == nil {
			t.Fatalf("pgbench said\n%s", out)
		}
		limit, _ := strconv.ParseFloat(m[1], 64)
		got := press(t, host, clients, during, reports(fmt.Sprint("b", clients), h.slack.DM))
		t.Logf("%2d clients: pgbench %6.0f/s, schoolbel %s, ratio %.2f", clients, limit, got, got.perSecond/limit)
		if clients == 16 {
			at16.ratio, at16.speed = got.perSecond/limit, got
		}
		repeat := slackEvent(fmt.Sprint("Evrepeat", clients), "U0ANNA", h.slack.DM("U0ANNA"), "storing: printer")
		again := press(t, host, clients, during/2, func(int, int) []byte { return repeat })
		t.Logf("%2d clients: a repeated event %s, %.1f × a new one", clients, again, again.perSecond/got.perSecond)
	}
	if at16.ratio < 0.6 || at16.speed.p99 > 60*time.Millisecond {
		t.Errorf("at 16 clients: ratio %.2f (goal 0.6), p99 %s (goal 60ms)", at16.ratio, at16.speed.p99)
	}
}

// TestBenchSQLite counts reports a second into an SQLite file, by the same door.
func TestBenchSQLite(t *testing.T) {
	if os.Getenv("SCHOOLBEL_BENCH") == "" {
		t.Skip("a benchmark: run make bench")
	}
	h := build(t, filepath.Join(t.TempDir(), "schoolbel.db"), 1)
	got := press(t, h.apps[0].listener.Addr().String(), 16, 5*time.Second, reports("lite", h.slack.DM))
	t.Logf("SQLite, 16 clients: %s", got)
	if got.perSecond < 500 {
		t.Errorf("%.0f reports a second, goal 500", got.perSecond)
	}
}

// TestBenchCard measures an idle machine: from a message to its card, and from a
// click to the card that changed.
func TestBenchCard(t *testing.T) {
	if os.Getenv("SCHOOLBEL_BENCH") == "" {
		t.Skip("a benchmark: run make bench")
	}
	h := build(t, newPostgres(t), 1)
	h.took(h.slack.Message("U0PETER", "C0ZUID", "storing: warm"))
	h.sees("C0ICT", "warm")
	var card, edit []time.Duration
	for i := range 30 {
		name := fmt.Sprintf("beamer-%d-stuk", i)
		start := time.Now()
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "storing: "+name))
		m := h.sees("C0ICT", name)
		card = append(card, time.Since(start))
		start = time.Now()
		h.took(h.slack.Press("U0NOOR", m, "Oppakken"))
		h.sees("C0ICT", name, "Noor de Wit")
		edit = append(edit, time.Since(start))
	}
	t.Logf("message → card %s, click → card edited %s (p50)", middle(card), middle(edit))
	if middle(card) > 50*time.Millisecond {
		t.Errorf("message → card takes %s, goal 50ms", middle(card))
	}
}

// middle is the value that half of them stay under.
func middle(took []time.Duration) time.Duration {
	took = slices.Clone(took)
	slices.Sort(took)
	return took[len(took)/2].Round(100 * time.Microsecond)
}

// benchClients are how many post at once; SCHOOLBEL_BENCH=short asks for the goal alone.
func benchClients() []int {
	if os.Getenv("SCHOOLBEL_BENCH") == "short" {
		return []int{16}
	}
	return []int{1, 8, 16, 32}
}
