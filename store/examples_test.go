package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"schoolbel/workflows"
)

func TestExamplesAreKeptOnceAndNewestFirst(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		ctx := t.Context()
		at := time.Date(2026, 11, 23, 9, 0, 0, 123456000, time.UTC)
		first := workflows.Example{ID: "e1", Text: "kan er\teen beamer bij", Taken: "incident", Is: "change", Service: "digibord", Location: "noord", By: "noor", At: at}
		second := workflows.Example{ID: "e2", Text: "haha", Taken: "incident", By: "bram", At: at.Add(time.Minute)}
		keep := func(list ...workflows.Example) error {
			return s.Do(ctx, func(tx workflows.Tx) error {
				for _, e := range list {
					if err := tx.KeepExample(ctx, e); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := errors.Join(keep(first), keep(first, second)); err != nil {
			t.Fatal(err)
		}
		got, err := s.Examples(ctx, 0)
		if err != nil || !slices.Equal(got, []workflows.Example{second, first}) {
			t.Errorf("kept %+v, %v", got, err)
		}
		if got, err = s.Examples(ctx, 1); err != nil || !slices.Equal(got, []workflows.Example{second}) {
			t.Errorf("the newest is %+v, %v", got, err)
		}
		if err := s.exec(ctx, "UPDATE examples SET text = NULL WHERE id = 'e1'"); err != nil {
			t.Fatal(err)
		}
		first.Text = ""
		if got, err = s.Examples(ctx, 0); err != nil || !slices.Equal(got, []workflows.Example{second, first}) {
			t.Errorf("with an erased text: %+v, %v", got, err)
		}
	})
}
