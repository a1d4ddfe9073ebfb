package store

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"schoolbel/workflows"
)

// numbers hands out the numbers of records. Whoever needs one while another
// question is under way waits for the next question, which asks for as many as
// are waited for: so a thousand records cost far fewer than a thousand questions,
// and no number is asked for that nobody needs.
type numbers struct {
	sync.Mutex
	waiting map[string][]chan number
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
		s.numbers.waiting = map[string][]chan number{}
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
		for i, got := range s.fetchNumbers(prefix, len(list)) {
			list[i] <- got
		}
	}
}

func (s *Store) fetchNumbers(prefix string, n int) []number {
	list := make([]number, n)
	rows, err := s.pool.Query(context.Background(), "SELECT nextval('"+sequence(prefix)+"') FROM generate_series(1, $1::int)", n)
	if err == nil {
		defer rows.Close()
		for i := 0; i < n && rows.Next(); i++ {
			err = rows.Scan(&list[i].n)
		}
		if err == nil {
			err = rows.Err()
		}
	}
	if err != nil {
		for i := range list {
			list[i] = number{err: fmt.Errorf("store: a number for %s: %w", prefix, err)}
		}
	}
	return list
}
