package store

import (
	"testing"
	"time"

	"schoolbel/workflows"
)

// A message that was sent can be wanted anew, with another body or its own; what was
// never made is not made by that.
func TestAMessageIsDrawnAnew(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s := open(t, address, Options{})
		ctx, now := t.Context(), time.Now()
		do := func(fn func(workflows.Tx) error) {
			t.Helper()
			if err := s.Do(ctx, fn); err != nil {
				t.Fatal(err)
			}
		}
		claim := func() *workflows.Delivery {
			t.Helper()
			d, _, err := s.Claim(ctx, "slack:C1", nil, now)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		redraw := func(id, body string) {
			t.Helper()
			do(func(tx workflows.Tx) error {
				return tx.Redraw(ctx, workflows.Delivery{ID: id, Place: "slack:C1", Body: []byte(body)})
			})
		}
		do(func(tx workflows.Tx) error {
			return tx.Send(ctx, workflows.Delivery{ID: "a", Place: "slack:C1", Kind: "answer", Body: []byte(`{"n":1}`)})
		})
		redraw("never made", `{}`)
		d := claim()
		if d == nil || d.ID != "a" || string(d.Body) != `{"n":1}` {
			t.Fatalf("first came %+v", d)
		}
		redraw("a", `{"n":2}`) // while it is under way
		d.State, d.Receipt = workflows.Sent, "1.1"
		if err := s.Settle(ctx, d); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct{ comes, next string }{{`{"n":2}`, ""}, {`{"n":2}`, `{"n":3}`}, {`{"n":3}`, "-"}} {
			if d = claim(); d == nil || string(d.Body) != step.comes || d.Receipt != "1.1" {
				t.Fatalf("then came %+v, want %s", d, step.comes)
			}
			d.State = workflows.Sent
			if err := s.Settle(ctx, d); err != nil {
				t.Fatal(err)
			}
			if other := claim(); other != nil {
				t.Fatalf("and nobody asked for %+v", other)
			}
			if step.next != "-" {
				redraw("a", step.next)
			}
		}
	})
}
