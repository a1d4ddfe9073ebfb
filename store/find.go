package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"schoolbel/workflows"
)

// How many records one page holds.
const (
	usual = 50
	most  = 200
)

// Record reads a record.
func (s *Store) Record(ctx context.Context, ref workflows.Ref) (*workflows.Record, error) {
	var row recordRow
	found := s.reader.WithContext(ctx).Where("prefix = ? AND number = ?", ref.Prefix, ref.Number).Limit(1).Find(&row)
	if found.Error != nil {
		return nil, fmt.Errorf("store: read %s: %w", ref, found.Error)
	}
	if found.RowsAffected == 0 {
		return nil, missing(ref)
	}
	return row.record()
}

// Find gives records, newest first.
func (s *Store) Find(ctx context.Context, f workflows.Filter) ([]*workflows.Record, string, error) {
	return find(s.reader.WithContext(ctx), f)
}

// Log gives a record's log.
func (s *Store) Log(ctx context.Context, ref workflows.Ref) ([]workflows.Entry, error) {
	return readLog(s.reader.WithContext(ctx), ref)
}

// Links gives a record's links, from both ends.
func (s *Store) Links(ctx context.Context, ref workflows.Ref) ([]workflows.Link, error) {
	return readLinks(s.reader.WithContext(ctx), ref)
}

// Find reads inside the transaction.
func (t *tx) Find(ctx context.Context, f workflows.Filter) ([]*workflows.Record, string, error) {
	db, err := t.look(ctx)
	if err != nil {
		return nil, "", err
	}
	return find(db, f)
}

// Log reads inside the transaction.
func (t *tx) Log(ctx context.Context, ref workflows.Ref) ([]workflows.Entry, error) {
	db, err := t.look(ctx)
	if err != nil {
		return nil, err
	}
	return readLog(db, ref)
}

// Links reads inside the transaction.
func (t *tx) Links(ctx context.Context, ref workflows.Ref) ([]workflows.Link, error) {
	db, err := t.look(ctx)
	if err != nil {
		return nil, err
	}
	return readLinks(db, ref)
}

func find(db *gorm.DB, f workflows.Filter) ([]*workflows.Record, string, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = usual
	}
	limit = min(limit, most)
	q := db.Model(&recordRow{})
	in := func(column string, values []string) {
		switch len(values) {
		case 0:
		case 1: // an index serves this best
			q = q.Where(column+" = ?", values[0])
		default:
			q = q.Where(column+" IN ?", values)
		}
	}
	in("kind", texts(f.Kinds))
	in("state", texts(f.States))
	in("service", f.Services)
	in("location", f.Locations)
	if f.Owner != "" { // the second half is what the index says of itself
		q = q.Where("owner = ? AND owner <> ''", f.Owner)
	}
	if f.Team != "" {
		q = q.Where("team = ?", f.Team)
	}
	if len(f.Reporters) > 0 {
		parts := []string{"reporter", "reporter" + ofClosed}
		if f.Open {
			parts = parts[:1]
		}
		q = q.Where("(prefix, number) IN (SELECT prefix, number FROM involved WHERE person IN ? AND part IN ?)", f.Reporters, parts)
	}
	if f.Open {
		q = q.Where("closed_at IS NULL")
	}
	if f.Public {
		q = q.Where("NOT sensitive")
	}
	if f.For != nil && !f.For.Confided() { // the same words as workflows.Record.MayKnow
		q = q.Where("(NOT sensitive OR owner IN ? OR EXISTS (SELECT 1 FROM involved AS i WHERE i.person IN ? AND i.part IN ? AND i.prefix = records.prefix AND i.number = records.number))",
			f.For.Keys(), f.For.Keys(), []string{"reporter", "reporter" + ofClosed})
	}
	if f.Wide {
		q = q.Where("(impact IN ('large', 'medium') OR priority IN ('P1', 'P2'))")
	}
	if !f.Since.IsZero() {
		q = q.Where("opened_at >= ?", micro(f.Since))
	}
	for _, word := range strings.Fields(f.Query) {
		q = q.Where("lower(title) LIKE ? ESCAPE '!'", "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(word))+"%")
	}
	if f.After != "" {
		at, ref, err := parseCursor(f.After)
		if err != nil {
			return nil, "", workflows.Refuse(workflows.Invalid, "", "error.cursor", f.After)
		}
		q = q.Where("opened_at <= ? AND (opened_at < ? OR number < ? OR number = ? AND prefix > ?)", at, at, ref.Number, ref.Number, ref.Prefix)
	}
	var rows []recordRow
	// The limit stands in the text: were it an argument, PostgreSQL could not tell how
	// little is wanted and would plan anew each time, which costs as much as looking.
	if err := q.Order("opened_at DESC, number DESC, prefix LIMIT " + strconv.Itoa(limit+1)).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("store: find: %w", err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = cursor(last.OpenedAt, workflows.Ref{Prefix: last.Prefix, Number: last.Number})
	}
	records := make([]*workflows.Record, len(rows))
	for i, row := range rows {
		r, err := row.record()
		if err != nil {
			return nil, "", err
		}
		records[i] = r
	}
	return records, next, nil
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = string(one)
	}
	return out
}

// cursor names the last record of a page: its moment and its reference.
func cursor(at time.Time, ref workflows.Ref) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(at.UnixMicro(), 36) + " " + ref.String()))
}

func parseCursor(text string) (time.Time, workflows.Ref, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return time.Time{}, workflows.Ref{}, err
	}
	at, name, _ := strings.Cut(string(raw), " ")
	n, err := strconv.ParseInt(at, 36, 64)
	ref, ok := workflows.ParseRef(name)
	if err != nil || !ok {
		return time.Time{}, workflows.Ref{}, fmt.Errorf("store: no cursor")
	}
	return time.UnixMicro(n).UTC(), ref, nil
}

func readLog(db *gorm.DB, ref workflows.Ref) ([]workflows.Entry, error) {
	var rows []logRow
	if err := db.Where("prefix = ? AND number = ?", ref.Prefix, ref.Number).Order("seq").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("store: log of %s: %w", ref, err)
	}
	entries := make([]workflows.Entry, len(rows))
	for i, row := range rows {
		e, err := row.entry()
		if err != nil {
			return nil, err
		}
		entries[i] = e
	}
	return entries, nil
}

func readLinks(db *gorm.DB, ref workflows.Ref) ([]workflows.Link, error) {
	var rows []struct {
		FromPrefix string
		FromNumber int64
		Type       string
		ToPrefix   string
		ToNumber   int64
	}
	if err := db.Table("links").Where("from_prefix = ? AND from_number = ?", ref.Prefix, ref.Number).
		Or("to_prefix = ? AND to_number = ?", ref.Prefix, ref.Number).
		Order("from_prefix, from_number, type, to_prefix, to_number").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("store: links of %s: %w", ref, err)
	}
	links := make([]workflows.Link, len(rows))
	for i, w := range rows {
		links[i] = workflows.Link{From: workflows.Ref{Prefix: w.FromPrefix, Number: w.FromNumber}, Type: workflows.LinkType(w.Type), To: workflows.Ref{Prefix: w.ToPrefix, Number: w.ToNumber}}
	}
	return links, nil
}

// Came tells which record the command with this id led to, if it was ever done.
func (s *Store) Came(ctx context.Context, id string) (workflows.Ref, bool, error) {
	if ref, lately := s.recent.get(id); lately {
		return ref, true, nil
	}
	var refs []string
	if err := s.reader.WithContext(ctx).Raw("SELECT ref FROM once WHERE id = ?", id).Scan(&refs).Error; err != nil {
		return workflows.Ref{}, false, fmt.Errorf("store: once: %w", err)
	}
	if len(refs) == 0 {
		return workflows.Ref{}, false, nil
	}
	ref, _ := workflows.ParseRef(refs[0])
	return ref, true, nil
}
