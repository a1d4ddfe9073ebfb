package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// stmt is something to write: a whole statement in sql, or one row of a table.
type stmt struct {
	sql    string // with a ? for each argument
	into   string // table (columns)
	values string // (?, ?, …), once for each row
	unless string // ON CONFLICT …
	more   int    // rows after the first
	args   []any
	one    bool // must change exactly one row
}

// row is a row for a table.
func row(table, columns string, values ...any) stmt {
	marks := strings.Repeat(", ?", len(values))[2:]
	return stmt{into: table + " (" + columns + ")", values: "(" + marks + ")", args: values}
}

// text is the statement as SQL.
func (w stmt) text() string {
	if w.into == "" {
		return w.sql
	}
	return "INSERT INTO " + w.into + " VALUES " + w.values + strings.Repeat(", "+w.values, w.more) + w.unless
}

// together is how many arguments travel in one statement at most; PostgreSQL takes 65,535.
const together = 2000

// joined makes one statement of rows that stand side by side in the list: those of
// one table become one insert, and tables go together. What then costs PostgreSQL
// one errand would cost it six.
func joined(list []stmt) []stmt {
	var out, group []stmt
	held := 0
	flush := func() {
		if len(group) > 0 {
			out = append(out, oneOf(group))
		}
		group, held = nil, 0
	}
	for _, w := range list {
		if w.into == "" {
			flush()
			out = append(out, w)
			continue
		}
		if held+len(w.args) > together {
			flush()
		}
		held += len(w.args)
		if i := slices.IndexFunc(group, func(g stmt) bool { return g.into == w.into && g.unless == w.unless }); i >= 0 {
			group[i].more++
			group[i].args = append(group[i].args, w.args...)
			continue
		}
		w.args = slices.Clone(w.args)
		group = append(group, w)
	}
	flush()
	return out
}

// oneOf makes one statement of inserts into different tables.
func oneOf(group []stmt) stmt {
	last := len(group) - 1
	if last == 0 {
		return stmt{sql: group[0].text(), args: group[0].args}
	}
	var text strings.Builder
	var args []any
	for i, w := range group {
		switch i {
		case last:
			text.WriteString(") " + w.text())
		case 0:
			text.WriteString("WITH w0 AS (" + w.text())
		default:
			text.WriteString("), w" + strconv.Itoa(i) + " AS (" + w.text())
		}
		args = append(args, w.args...)
	}
	return stmt{sql: text.String(), args: args}
}

// sendAll writes a list of statements, in one round trip where the database can
// do that. Without a connection of its own the list is a transaction by itself.
func (s *Store) sendAll(ctx context.Context, conn *sql.Conn, list []stmt) error {
	if s.lite {
		for _, w := range list {
			done, err := conn.ExecContext(ctx, w.text(), w.args...)
			if err != nil {
				return fmt.Errorf("store: write: %w", err)
			}
			if n, err := done.RowsAffected(); w.one && (err != nil || n != 1) {
				return errAgain
			}
		}
		return nil
	}
	list = joined(list)
	if conn == nil && len(list) == 1 {
		_, err := s.pool.Exec(ctx, s.bind(list[0].sql), list[0].args...)
		return err
	}
	batch := &pgx.Batch{}
	for _, w := range list {
		batch.Queue(s.bind(w.sql), w.args...)
	}
	if conn == nil {
		return answers(s.pool.SendBatch(ctx, batch), list)
	}
	return conn.Raw(func(raw any) error { return answers(raw.(*stdlib.Conn).Conn().SendBatch(ctx, batch), list) })
}

// answers reads what came of each statement.
func answers(results pgx.BatchResults, list []stmt) (err error) {
	defer func() {
		if wrong := results.Close(); err == nil { // else it says the same
			err = wrong
		}
	}()
	for _, w := range list {
		done, err := results.Exec()
		if err != nil {
			return err
		}
		if w.one && done.RowsAffected() != 1 {
			return errAgain
		}
	}
	return nil
}
