package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"schoolbel/workflows"
)

// sealRow is one seal: a hash over the seal before it and over every head it holds.
type sealRow struct {
	ID    int64
	Heads int64
	Hash  []byte
}

// headRow is the end of one record's chain.
type headRow struct {
	Prefix      string
	Number, Seq int64
	Head        []byte
}

func sealHash(before []byte, id int64, heads []headRow) []byte {
	h := sha256.New()
	h.Write(before)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(id)))
	for _, w := range heads {
		fmt.Fprintf(h, "%s-%d %d %x\n", w.Prefix, w.Number, w.Seq, w.Head)
	}
	return h.Sum(nil)
}

// seal puts the heads of all chains that grew since the last seal into the chain
// of seals.
func (s *Store) seal(ctx context.Context) error {
	return s.Do(ctx, func(any workflows.Tx) error {
		t := any.(*tx)
		if err := t.begin(ctx); err != nil {
			return err
		}
		if !s.lite {
			if _, err := t.conn.ExecContext(ctx, "LOCK TABLE seals IN EXCLUSIVE MODE"); err != nil {
				return fmt.Errorf("store: seal: %w", err)
			}
		}
		var last []sealRow
		if err := t.db.Raw("SELECT id, heads, hash FROM seals ORDER BY id DESC LIMIT 1").Scan(&last).Error; err != nil {
			return fmt.Errorf("store: seal: %w", err)
		}
		var before sealRow
		if len(last) == 1 {
			before = last[0]
		}
		var heads []headRow
		err := t.db.Raw(`SELECT r.prefix, r.number, r.version AS seq, r.head FROM records r WHERE (r.prefix, r.number) IN (SELECT prefix, number FROM log
				WHERE logged_at > coalesce((SELECT max(at) FROM seals), ?))
			AND NOT EXISTS (SELECT 1 FROM sealed x WHERE x.prefix = r.prefix AND x.number = r.number AND x.seq = r.version)
			ORDER BY r.prefix, r.number`, micro(s.now()).AddDate(-200, 0, 0)).Scan(&heads).Error
		if err != nil {
			return fmt.Errorf("store: seal: %w", err)
		}
		if len(heads) == 0 {
			return nil
		}
		id := before.ID + 1
		for _, w := range heads {
			t.add("sealed", "seal, prefix, number, seq, head", id, w.Prefix, w.Number, w.Seq, w.Head)
		}
		// A line that is being written now may be older than this moment: look back a little next time.
		t.add("seals", "id, at, heads, hash", id, micro(s.now()).Add(-lease), len(heads), sealHash(before.Hash, id, heads))
		return nil
	})
}

// Break is a place where the log is not what it was.
type Break struct {
	Where string // "INC-12 line 3" or "seal 4"
	Why   string
}

// Report is what Verify found.
type Report struct {
	Records, Lines, Seals int64
	Breaks                []Break
}

// String writes the report for people.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d records, %d lines, %d seals: ", r.Records, r.Lines, r.Seals)
	if len(r.Breaks) == 0 {
		b.WriteString("the log is whole.")
		return b.String()
	}
	fmt.Fprintf(&b, "%d breaks.", len(r.Breaks))
	for _, k := range r.Breaks {
		fmt.Fprintf(&b, "\n%s: %s", k.Where, k.Why)
	}
	return b.String()
}

// Verify reads the whole log and every seal, and says where they were changed.
// progress, when given, is told how many lines were read so far.
func (s *Store) Verify(ctx context.Context, progress func(lines int64)) (Report, error) {
	var report Report
	heads := map[workflows.Ref][][]byte{}
	var at workflows.Ref
	var before []byte
	var seq int64
	broken := func(where, why string) { report.Breaks = append(report.Breaks, Break{where, why}) }
	db := s.reader.WithContext(ctx)
	if !db.Migrator().HasTable("log") {
		return report, errors.New("there is no log in this database; check database.url, or run schoolbel migrate")
	}
	rows, err := db.Table("log").Order("prefix, number, seq").Rows()
	if err != nil {
		return report, fmt.Errorf("store: verify: %w", err)
	}
	defer func() { _ = rows.Close() }() // what went wrong while reading stands in rows.Err
	for rows.Next() {
		var w logRow
		if err := db.ScanRows(rows, &w); err != nil {
			return report, fmt.Errorf("store: verify: %w", err)
		}
		ref := workflows.Ref{Prefix: w.Prefix, Number: w.Number}
		if ref != at {
			at, before, seq = ref, nil, 0
			report.Records++
		}
		seq++
		where := fmt.Sprintf("%s line %d", ref, w.Seq)
		switch {
		case w.Seq != seq:
			broken(where, fmt.Sprintf("line %d is missing", seq))
			seq = w.Seq
		case w.Words != nil && !bytes.Equal(digest(*w.Words), w.Digest):
			broken(where, "its words were changed")
		case !bytes.Equal(w.chained(before), w.Hash):
			broken(where, "it was changed, or a line before it")
		}
		before = w.Hash
		heads[ref] = append(heads[ref], w.Hash)
		if report.Lines++; progress != nil && report.Lines%10_000 == 0 {
			progress(report.Lines)
		}
	}
	if err := rows.Err(); err != nil {
		return report, fmt.Errorf("store: verify: %w", err)
	}
	if err := s.verifyHeads(db, heads, broken); err != nil {
		return report, err
	}
	report.Seals, err = s.verifySeals(db, heads, broken)
	return report, err
}

// verifyHeads holds every record against the end of its chain.
func (s *Store) verifyHeads(db *gorm.DB, heads map[workflows.Ref][][]byte, broken func(string, string)) error {
	var records []headRow
	if err := db.Raw("SELECT prefix, number, version AS seq, head FROM records ORDER BY prefix, number").Scan(&records).Error; err != nil {
		return fmt.Errorf("store: verify: %w", err)
	}
	known := map[workflows.Ref]bool{}
	for _, r := range records {
		ref := workflows.Ref{Prefix: r.Prefix, Number: r.Number}
		known[ref] = true
		if chain := heads[ref]; int64(len(chain)) != r.Seq || !bytes.Equal(chain[len(chain)-1], r.Head) {
			broken(ref.String(), fmt.Sprintf("the record is at version %d and its log has %d lines, or they end differently", r.Seq, len(chain)))
		}
	}
	for ref := range heads {
		if !known[ref] {
			broken(ref.String(), "there is a log, and no record")
		}
	}
	return nil
}

// verifySeals holds every seal against the one before it and the chains it seals.
func (s *Store) verifySeals(db *gorm.DB, heads map[workflows.Ref][][]byte, broken func(string, string)) (int64, error) {
	var seals []sealRow
	if err := db.Raw("SELECT id, heads, hash FROM seals ORDER BY id").Scan(&seals).Error; err != nil {
		return 0, fmt.Errorf("store: verify: %w", err)
	}
	var before []byte
	for i, w := range seals {
		name := fmt.Sprintf("seal %d", w.ID)
		var sealed []headRow
		if err := db.Raw("SELECT prefix, number, seq, head FROM sealed WHERE seal = ? ORDER BY prefix, number", w.ID).Scan(&sealed).Error; err != nil {
			return 0, fmt.Errorf("store: verify: %w", err)
		}
		if w.ID != int64(i+1) || !bytes.Equal(sealHash(before, w.ID, sealed), w.Hash) {
			broken(name, "it was changed, or one before it is missing")
		}
		before = w.Hash
		for _, h := range sealed {
			ref := workflows.Ref{Prefix: h.Prefix, Number: h.Number}
			if chain := heads[ref]; int64(len(chain)) < h.Seq || !bytes.Equal(chain[h.Seq-1], h.Head) {
				broken(name, fmt.Sprintf("%s had another log when it was sealed", ref))
			}
		}
	}
	return int64(len(seals)), nil
}
