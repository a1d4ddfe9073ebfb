package store

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"schoolbel/workflows"
)

// numbers hands out the numbers of records. Whoever needs one while another
// question is under way waits for the next question, which asks for as many as
// are waited for: so a thousand records cost far fewer than a thousand questions.
// When it is busy it asks for some more, which the next ones find here; otherwise
// for no number that nobody needs.
type numbers struct {
	sync.Mutex
	waiting map[string][]chan number
	spare   map[string][]int64
}

// number is one that was asked for, or why there is none.
type number struct {
	n   int64
	err error
}

// sequence names a prefix's sequence; only prefixes from the tables come here.
func sequence(prefix string) string { return "number_" + strings.ToLower(prefix) }

// number gives a record its number. A transaction that fails leaves a gap.
func (t *tx) number(ctx context.Context, prefix string) (int64, error) {
	if _, ok := workflows.ParseRef(prefix + "-1"); !ok {
		return 0, fmt.Errorf("store: %q is no prefix", prefix)
	}
	if !t.s.lite {
		return t.s.next(ctx, prefix)
	}
	var n int64
	err := t.conn.QueryRowContext(ctx, "INSERT INTO numbers (prefix, last) VALUES (?, 1) ON CONFLICT (prefix) DO UPDATE SET last = last + 1 RETURNING last", prefix).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("store: a number for %s: %w", prefix, err)
	}
	return n, nil
}

// next waits for a number of a sequence.
func (s *Store) next(ctx context.Context, prefix string) (int64, error) {
	mine := make(chan number, 1)
	s.numbers.Lock()
	if s.numbers.waiting == nil {
		s.numbers.waiting, s.numbers.spare = map[string][]chan number{}, map[string][]int64{}
	}
	if spare := s.numbers.spare[prefix]; len(spare) > 0 {
		s.numbers.spare[prefix] = spare[1:]
		s.numbers.Unlock()
		return spare[0], nil
	}
	list, asking := s.numbers.waiting[prefix]
	s.numbers.waiting[prefix] = append(list, mine)
	s.numbers.Unlock()
	if !asking {
		go s.askNumbers(prefix)
	}
	select {
	case got := <-mine:
		return got.n, got.err
	case <-ctx.Done():
		return 0, fmt.Errorf("store: a number for %s: %w", prefix, ctx.Err())
	}
}

// askNumbers asks for as many as are waited for, until nobody waits.
func (s *Store) askNumbers(prefix string) {
	for {
		s.numbers.Lock()
		list := s.numbers.waiting[prefix]
		if len(list) == 0 {
			delete(s.numbers.waiting, prefix)
			s.numbers.Unlock()
			return
		}
		s.numbers.waiting[prefix] = nil // somebody asks
		s.numbers.Unlock()
		n := len(list)
		if s.gate.busy() {
			n += seats
		}
		got, err := s.fetchNumbers(prefix, n)
		if err == nil && len(got) < len(list) {
			err = fmt.Errorf("store: %d numbers for %s, not %d", len(got), prefix, n)
		}
		for i, waits := range list {
			if err != nil {
				waits <- number{err: err}
				continue
			}
			waits <- number{n: got[i]}
		}
		if err == nil {
			s.numbers.Lock()
			s.numbers.spare[prefix] = append(s.numbers.spare[prefix], got[len(list):]...)
			s.numbers.Unlock()
		}
	}
}

func (s *Store) fetchNumbers(prefix string, n int) ([]int64, error) {
	rows, err := s.pool.Query(context.Background(), "SELECT nextval('"+sequence(prefix)+"') FROM generate_series(1, $1::int)", n)
	if err != nil {
		return nil, fmt.Errorf("store: numbers for %s: %w", prefix, err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("store: numbers for %s: %w", prefix, err)
	}
	return list, nil
}
