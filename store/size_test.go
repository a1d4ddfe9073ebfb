package store

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"schoolbel/store/storetest"
	"schoolbel/workflows"
)

// fill adds records from number first on, one in eleven of them open: as a school
// that worked with this for many years.
func fill(t *testing.T, s *Store, first, n int) {
	t.Helper()
	series := fmt.Sprintf("(SELECT g AS n FROM generate_series(%d, %d) AS g) AS numbers", first, first+n-1)
	ago, list := "now() - interval '1 minute' * (2000000 - n)", "jsonb_build_array('iemand-' || (n % 900))"
	if s.lite {
		series = fmt.Sprintf("(WITH RECURSIVE g(n) AS (SELECT %d UNION ALL SELECT n + 1 FROM g WHERE n < %d) SELECT n FROM g) AS numbers", first, first+n-1)
		ago, list = "strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-' || (2000000 - n) || ' minutes')", "json_array('iemand-' || (n % 900))"
	}
	for _, w := range []string{
		"INSERT INTO records (" + recordColumns + ") SELECT 'INC', n, 'incident', 'beamer ' || n || ' doet niets', CASE WHEN n % 11 = 0 THEN 'in_progress' ELSE 'closed' END, " +
			"'P3', 'small', 'medium', 'dienst-' || (n % 40), 'locatie-' || (n % 12), 'agent-' || (n % 9), 'team-' || (n % 6), false, " + list + ", '[]', '{\"type\":\"outage\"}', 1, 1, NULL, NULL, " +
			ago + ", " + ago + ", CASE WHEN n % 11 = 0 THEN NULL ELSE " + ago + " END, '\\x00' FROM " + series,
		"INSERT INTO involved SELECT 'iemand-' || (n % 900), CASE WHEN n % 11 = 0 THEN 'reporter' ELSE 'reporter of closed' END, 'INC', n FROM " + series,
		"INSERT INTO log (" + logColumns + ") SELECT 'INC', n, 1, 'incident', 1, " + ago + ", " + ago + ", 'iemand', 'slack', 'report', '', 'new', '', '{}', '\\x00', '\\x00' FROM " + series,
	} {
		if err := s.exec(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
}

// tick is a difference that nobody can see or measure well.
const tick = 50 * time.Microsecond

// lists are what people and programs look at.
func lists() map[string]workflows.Filter {
	return map[string]workflows.Filter{
		"the newest":           {},
		"the queue":            {Open: true, Limit: 15},
		"what I may know":      {Open: true, For: &workflows.Actor{Key: "ik"}, Limit: 15},
		"a team's queue":       {Open: true, Team: "team-3"},
		"what an agent has":    {Open: true, Owner: "agent-4"},
		"my own":               {Open: true, Reporters: []string{"ik"}, Limit: 10},
		"is it known":          {Kinds: []workflows.Kind{"incident"}, Open: true, Public: true, Services: []string{"dienst-7", "dienst-8"}, Since: time.Now().Add(-4 * time.Hour), Limit: 20},
		"what is wrong with":   {Kinds: []workflows.Kind{"incident"}, Open: true, Public: true, Services: []string{"dienst-7"}, Limit: 8},
		"closed at a location": {States: []workflows.State{"closed"}, Locations: []string{"locatie-3"}},
	}
}

// paces are how long a list takes in each store, in turns, so that what else the
// machine does hits both; the better quarter counts.
func paces(t *testing.T, f workflows.Filter, stores ...*Store) []time.Duration {
	t.Helper()
	took := make([][]time.Duration, len(stores))
	for range 200 {
		for i, s := range stores {
			start := time.Now()
			if _, _, err := s.Find(t.Context(), f); err != nil {
				t.Fatal(err)
			}
			took[i] = append(took[i], time.Since(start))
		}
	}
	var list []time.Duration
	for _, d := range took {
		slices.Sort(d)
		list = append(list, d[len(d)/4])
	}
	return list
}

// intakes are how many reports a second go into each store, in turns; the best of
// some rounds counts.
func intakes(t *testing.T, stores ...*Store) []float64 {
	t.Helper()
	const clients, each = 8, 100
	best := make([]float64, len(stores))
	for round := range 8 {
		for i, s := range stores {
			var going sync.WaitGroup
			start := time.Now()
			for c := range clients {
				going.Go(func() {
					for n := range each {
						err := s.Do(context.Background(), func(tx workflows.Tx) error {
							_, err := addIn(context.Background(), tx, fmt.Sprint(round, c, n), "beamer doet niets", time.Now().AddDate(-9, 0, 0))
							return err
						})
						if err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			going.Wait()
			best[i] = max(best[i], clients*each/time.Since(start).Seconds())
		}
	}
	return best
}

// TestBenchSize holds a database with 100,000 open and 1,000,000 closed records
// against a small one: nothing may be slower by more than a fifth.
func TestBenchSize(t *testing.T) {
	if os.Getenv("SCHOOLBEL_BENCH") == "" {
		t.Skip("a benchmark: run make bench")
	}
	databases(t, func(t *testing.T, address string) {
		small, other := open(t, address, Options{}), address+"2"
		if !small.lite {
			other = storetest.Postgres(t)
		}
		big := open(t, other, Options{})
		for _, s := range []*Store{small, big} {
			fill(t, s, 1_189_001, 11_000)
			do := func(query string) {
				t.Helper()
				if err := s.exec(t.Context(), query); err != nil {
					t.Fatal(err)
				}
			}
			do("UPDATE involved SET person = 'ik' WHERE part = 'reporter' AND number % 1100 = 0")
			if s == big {
				fill(t, s, 100_001, 1_089_000)
				do("UPDATE involved SET person = 'ik' WHERE part <> 'reporter' AND number % 2000 = 7")
			}
			if !s.lite {
				do("VACUUM") // what PostgreSQL does by itself, in time
			}
			do("ANALYZE")
		}
		speed := intakes(t, small, big)
		t.Logf("%-22s %8.0f/s and %8.0f/s: %.2f ×", "intake", speed[0], speed[1], speed[1]/speed[0])
		if speed[1] < speed[0]/1.2 {
			t.Errorf("the intake is slower by more than a fifth")
		}
		for name, f := range lists() {
			took := paces(t, f, small, big)
			ratio := float64(took[1]) / float64(took[0])
			t.Logf("%-22s %8s and %8s: %.2f ×", name, took[0].Round(time.Microsecond), took[1].Round(time.Microsecond), ratio)
			if ratio > 1.2 && took[1]-took[0] > tick {
				t.Errorf("%s is slower by more than a fifth", name)
			}
		}
	})
}
