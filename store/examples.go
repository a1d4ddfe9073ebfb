package store

import (
	"context"
	"fmt"
	"time"

	"schoolbel/workflows"
)

// KeepExample keeps what an agent said a message really was.
func (t *tx) KeepExample(_ context.Context, e workflows.Example) error {
	t.addOnce("examples", "id, text, taken, truth, service, location, teacher, at",
		e.ID, e.Text, string(e.Taken), string(e.Is), e.Service, e.Location, e.By, micro(e.At))
	return nil
}

// Examples gives the newest examples, newest first; 0 is all. One whose text was
// erased comes without it.
func (s *Store) Examples(ctx context.Context, most int) ([]workflows.Example, error) {
	var rows []struct {
		ID, Taken, Truth, Service, Location, Teacher string
		Text                                         *string
		At                                           time.Time
	}
	q := s.reader.WithContext(ctx).Table("examples").Order("at DESC, id DESC")
	if most > 0 {
		q = q.Limit(most)
	}
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("store: examples: %w", err)
	}
	var list []workflows.Example
	for _, w := range rows {
		e := workflows.Example{
			ID: w.ID, Taken: workflows.Kind(w.Taken), Is: workflows.Kind(w.Truth), Service: w.Service, Location: w.Location, By: w.Teacher, At: w.At.UTC(),
		}
		if w.Text != nil {
			e.Text = *w.Text
		}
		list = append(list, e)
	}
	return list, nil
}
