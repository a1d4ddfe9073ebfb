package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"schoolbel/workflows"
)

// lease is how long a message may be under way before it counts as lost on the
// way. No adapter lets a call take longer than ten seconds.
const lease = 30 * time.Second

const deliveryColumns = "id, place, thread, kind, prefix, number, entry, person, body, state, wanted, attempt, not_before, receipt, drawn, why, holder, lease, added_at"

// claimed are the columns that a claim gives back.
const claimed = "id, place, thread, kind, prefix, number, entry, person, body, attempt, deliveries.not_before, receipt, drawn, why, added_at"

// Send wants one new message; one with the same ID is there already.
func (t *tx) Send(ctx context.Context, d workflows.Delivery) error {
	if d.ID == "" {
		d.ID = uuid.NewString()
	}
	t.addOnce("deliveries", deliveryColumns, t.fresh(d)...)
	return t.carry(ctx, d.Place)
}

func (t *tx) fresh(d workflows.Delivery) []any {
	return []any{
		d.ID, d.Place, d.Thread, d.Kind, d.Ref.Prefix, d.Ref.Number, d.Seq, d.Person, string(d.Body), string(workflows.Pending), false, 0,
		stamp(d.NotBefore), "", 0, "", "", nil, micro(t.s.now()),
	}
}

func (t *tx) carry(ctx context.Context, place string) error {
	if t.carried[place] {
		return nil
	}
	t.carried[place] = true
	return t.Later(ctx, workflows.Carry{Place: place}, time.Time{})
}

// Refresh wants the live card drawn anew. Wishes that pile up are one edit; one
// that comes while the card is under way is kept for after it.
func (t *tx) Refresh(ctx context.Context, place string, ref workflows.Ref, person string) error {
	d := workflows.Delivery{ID: "card:" + ref.String() + ":" + place, Place: place, Kind: "card", Ref: ref, Person: person}
	t.upsert("deliveries", deliveryColumns, ` ON CONFLICT (id) DO UPDATE SET
		wanted = deliveries.state IN ('sending', 'ambiguous'), attempt = 0,
		state = CASE WHEN deliveries.state IN ('sent', 'failed') THEN 'pending' ELSE deliveries.state END`, t.fresh(d)...)
	return t.carry(ctx, place)
}

// Redraw wants a message drawn anew; one that is under way is drawn once more after it.
func (t *tx) Redraw(ctx context.Context, d workflows.Delivery) error {
	sql, args := "UPDATE deliveries SET ", []any{}
	if len(d.Body) > 0 {
		sql, args = sql+"body = ?, ", append(args, string(d.Body))
	}
	t.write(sql+`wanted = state IN ('sending', 'ambiguous'), attempt = 0,
		state = CASE WHEN state IN ('sent', 'failed') THEN 'pending' ELSE state END WHERE id = ?`, append(args, d.ID)...)
	return t.carry(ctx, d.Place)
}

// Cards gives the live cards of a record.
func (t *tx) Cards(ctx context.Context, ref workflows.Ref) ([]workflows.Delivery, error) {
	db, err := t.look(ctx)
	if err != nil {
		return nil, err
	}
	var rows []deliveryRow
	if err := db.Where("kind = 'card' AND prefix = ? AND number = ?", ref.Prefix, ref.Number).Order("seq").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("store: cards of %s: %w", ref, err)
	}
	cards := make([]workflows.Delivery, len(rows))
	for i, row := range rows {
		cards[i] = row.delivery()
	}
	return cards, nil
}

// Claim settles one message and takes the place's next, in one round trip.
func (s *Store) Claim(ctx context.Context, place string, done *workflows.Delivery, now time.Time) (*workflows.Delivery, time.Time, error) {
	account, _, _ := strings.Cut(place, ":")
	now = micro(now)
	lock := " FOR UPDATE"
	if s.lite {
		lock = ""
	}
	take := stmt{
		sql: `WITH first AS (
			SELECT seq, state, not_before, lease FROM deliveries
			WHERE place = ? AND state IN ('pending', 'sending', 'ambiguous') ORDER BY seq LIMIT 1` + lock + `)
		UPDATE deliveries SET state = 'sending', attempt = attempt + 1, holder = ?, lease = ?
		FROM first WHERE deliveries.seq = first.seq
			AND (first.state <> 'sending' OR first.lease <= ?) AND (first.not_before IS NULL OR first.not_before <= ?)
			AND NOT EXISTS (SELECT 1 FROM holds WHERE place IN (?, ?) AND until > ?)
		RETURNING ` + claimed + `, (SELECT state FROM first) AS was`,
		args: []any{place, s.work.id, now.Add(lease), now, now, place, account + ":", now},
	}
	var rows []deliveryRow
	var err error
	if s.lite {
		rows, err = s.takeLite(ctx, done, take)
	} else {
		rows, err = s.take(ctx, done, take)
	}
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("store: claim: %w", err)
	}
	if len(rows) == 1 {
		d := rows[0].delivery()
		d.State = workflows.Pending
		if rows[0].Was != string(workflows.Pending) { // sent by somebody who did not tell how it went
			d.State = workflows.Ambiguous
		}
		return &d, time.Time{}, nil
	}
	again, err := s.nextTry(ctx, place, account, now)
	return nil, again, err
}

func (s *Store) take(ctx context.Context, done *workflows.Delivery, take stmt) (rows []deliveryRow, err error) {
	batch := &pgx.Batch{}
	if done != nil {
		w := settle(done)
		batch.Queue(s.bind(w.sql), w.args...)
	}
	batch.Queue(s.bind(take.sql), take.args...)
	results := s.pool.SendBatch(ctx, batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	if done != nil {
		if _, err := results.Exec(); err != nil {
			return nil, err
		}
	}
	found, err := results.Query()
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, pgx.RowToStructByNameLax[deliveryRow])
}

func (s *Store) takeLite(ctx context.Context, done *workflows.Delivery, take stmt) (rows []deliveryRow, err error) {
	if done != nil { // two commits are as cheap as one here
		if err := s.Settle(ctx, done); err != nil {
			return nil, err
		}
	}
	db, release, err := s.direct(ctx)
	if err != nil {
		return nil, err
	}
	defer release() // nobody may hold one connection while they wait for another
	err = db.Raw(take.sql, take.args...).Scan(&rows).Error
	return rows, err
}

// nextTry is when a message that has to wait may go. One that is under way asks
// for nothing: who carries it goes on with the next.
func (s *Store) nextTry(ctx context.Context, place, account string, now time.Time) (time.Time, error) {
	var rows []deliveryRow
	db := s.reader.WithContext(ctx)
	if err := db.Where("place = ? AND state IN ('pending', 'sending', 'ambiguous')", place).Order("seq").Limit(1).Find(&rows).Error; err != nil {
		return time.Time{}, fmt.Errorf("store: claim: %w", err)
	}
	if len(rows) == 0 || rows[0].State == string(workflows.Sending) {
		return time.Time{}, nil
	}
	again := moment(rows[0].NotBefore)
	var holds []struct{ Until time.Time }
	if err := db.Table("holds").Where("place IN ? AND until > ?", []string{place, account + ":"}, now).Find(&holds).Error; err != nil {
		return time.Time{}, fmt.Errorf("store: claim: %w", err)
	}
	for _, h := range holds {
		if h.Until.After(again) {
			again = h.Until.UTC()
		}
	}
	if again.Before(now) { // it came free between the two questions
		again = now
	}
	return again, nil
}

// Settle writes down how it went. A card that was wanted again meanwhile waits again.
func (s *Store) Settle(ctx context.Context, d *workflows.Delivery) error {
	w := settle(d)
	return s.exec(ctx, w.sql, w.args...)
}

func settle(d *workflows.Delivery) stmt {
	state := string(d.State)
	return stmt{
		sql: `UPDATE deliveries SET state = CASE WHEN wanted AND ? IN ('sent', 'failed') THEN 'pending' ELSE ? END,
			wanted = wanted AND ? NOT IN ('sent', 'failed'), attempt = CASE WHEN ? = 'sent' THEN 0 WHEN ? THEN attempt - 1 ELSE attempt END,
			receipt = ?, drawn = ?, not_before = ?, why = ?, holder = '', lease = NULL WHERE id = ?`,
		args: []any{state, state, state, state, d.Held, d.Receipt, d.Drawn, stamp(d.NotBefore), d.Why, d.ID},
	}
}

// Hold keeps messages of a place or an account back; a hold is never shortened.
func (s *Store) Hold(ctx context.Context, place string, until time.Time) error {
	greatest := "greatest"
	if s.lite {
		greatest = "max"
	}
	return s.exec(ctx, "INSERT INTO holds (place, until) VALUES (?, ?) ON CONFLICT (place) DO UPDATE SET until = "+greatest+"(holds.until, excluded.until)", place, micro(until))
}

// Stuck gives what waits for an adapter and has no letter yet, oldest first.
func (s *Store) Stuck(ctx context.Context, adapter, letter string) ([]workflows.Delivery, error) {
	var rows []deliveryRow
	err := s.reader.WithContext(ctx).Where(`state IN ('pending', 'sending', 'ambiguous') AND substr(place, 1, ?) = ? AND (kind = 'news' OR kind = 'card' AND receipt = '')
		AND NOT EXISTS (SELECT 1 FROM deliveries l WHERE l.id = ? || deliveries.id)`, len(adapter)+1, adapter+":", letter).Order("added_at, seq").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("store: messages that wait: %w", err)
	}
	list := make([]workflows.Delivery, len(rows))
	for i, row := range rows {
		list[i] = row.delivery()
	}
	return list, nil
}

// Waiting counts the messages that are not settled yet.
func (s *Store) Waiting(ctx context.Context) (int64, error) {
	var n int64
	if err := s.reader.WithContext(ctx).Model(&deliveryRow{}).Where("state IN ('pending', 'sending', 'ambiguous')").Count(&n).Error; err != nil {
		return 0, fmt.Errorf("store: messages: %w", err)
	}
	return n, nil
}

// Message finds the delivery behind a receipt, nil when there is none.
func (s *Store) Message(ctx context.Context, place, receipt string) (*workflows.Delivery, error) {
	if receipt == "" {
		return nil, nil
	}
	var rows []deliveryRow
	if err := s.reader.WithContext(ctx).Where("place = ? AND receipt = ? AND receipt <> ''", place, receipt).Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("store: message: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	d := rows[0].delivery()
	return &d, nil
}
