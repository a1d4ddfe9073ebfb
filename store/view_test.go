package store

import (
	"testing"

	"schoolbel/workflows"
)

// The view for reporting tools tells who agreed, and when the work began and ended.
func TestTheViewOfChanges(t *testing.T) {
	databases(t, func(t *testing.T, address string) {
		s, ctx := open(t, address, Options{}), t.Context()
		r := &workflows.Record{Kind: "change", Title: "x", State: "implemented", OpenedAt: s.now(), ChangedAt: s.now(), Fields: map[string]string{
			"votes": "karim=approve els=approve", "asked_by": "noor", "started_at": "2026-12-01T15:00:00Z", "ended_at": "2026-12-01T17:00:00Z",
		}}
		err := s.Do(ctx, func(tx workflows.Tx) error {
			if err := tx.Add(ctx, "CHG", r); err != nil {
				return err
			}
			return tx.Append(ctx, &workflows.Entry{Seq: 1, Ref: r.Ref, Kind: r.Kind, At: s.now(), LoggedAt: s.now(), Actor: "noor", Action: "request", To: r.State})
		})
		if err != nil {
			t.Fatal(err)
		}
		var rows []struct{ Ref, Votes, AskedBy, StartedAt, EndedAt string }
		if err := s.reader.WithContext(ctx).Raw("SELECT ref, votes, asked_by, started_at, ended_at FROM changes").Scan(&rows).Error; err != nil {
			t.Fatal(err)
		}
		if len(rows) != 1 || rows[0].Ref != "CHG-1" || rows[0].Votes != "karim=approve els=approve" || rows[0].AskedBy != "noor" || rows[0].EndedAt != "2026-12-01T17:00:00Z" {
			t.Errorf("the view has %+v", rows)
		}
	})
}
