package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"
)

const rememberIt = " ON CONFLICT (owner, key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at"

// Remember keeps a value of an owner, such as an adapter; nil forgets it.
func (t *tx) Remember(_ context.Context, owner, key string, value []byte) error {
	if value == nil {
		t.write("DELETE FROM memories WHERE owner = ? AND key = ?", owner, key)
		return nil
	}
	t.upsert("memories", "owner, key, value, changed_at", rememberIt, owner, key, value, micro(t.s.now()))
	return nil
}

// Recall gives what was kept, as this transaction sees it.
func (t *tx) Recall(ctx context.Context, owner, key string) ([]byte, error) {
	db, err := t.look(ctx)
	if err != nil {
		return nil, err
	}
	found, err := recall(db, "owner = ? AND key = ?", owner, key)
	return found[key], err
}

// Alone keeps others waiting who want to be alone by this name. On SQLite every
// transaction is alone.
func (t *tx) Alone(ctx context.Context, name string) error {
	if err := t.begin(ctx); err != nil || t.s.lite {
		return err
	}
	if _, err := t.conn.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1, $2)", int32(alone), lockOf(name)); err != nil {
		return fmt.Errorf("store: wait for %s: %w", name, err)
	}
	return nil
}

// alone is the class of the locks of Alone.
const alone = 7_364_003

// Remember keeps a value at once.
func (s *Store) Remember(ctx context.Context, owner, key string, value []byte) error {
	if value == nil {
		return s.exec(ctx, "DELETE FROM memories WHERE owner = ? AND key = ?", owner, key)
	}
	return s.exec(ctx, "INSERT INTO memories (owner, key, value, changed_at) VALUES (?, ?, ?, ?)"+rememberIt, owner, key, value, micro(s.now()))
}

// Recall gives what was kept, nil when there is nothing.
func (s *Store) Recall(ctx context.Context, owner, key string) ([]byte, error) {
	found, err := s.recall(ctx, "owner = ? AND key = ?", owner, key)
	return found[key], err
}

// RecallAll gives everything of an owner whose key begins with prefix.
func (s *Store) RecallAll(ctx context.Context, owner, prefix string) (map[string][]byte, error) {
	literal := strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(prefix)
	return s.recall(ctx, `owner = ? AND key LIKE ? ESCAPE '\'`, owner, literal+"%")
}

func (s *Store) recall(ctx context.Context, where string, args ...any) (map[string][]byte, error) {
	return recall(s.reader.WithContext(ctx), where, args...)
}

func recall(db *gorm.DB, where string, args ...any) (map[string][]byte, error) {
	var rows []struct {
		Key   string
		Value []byte
	}
	if err := db.Table("memories").Where(where, args...).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("store: recall: %w", err)
	}
	found := map[string][]byte{}
	for _, r := range rows {
		found[r.Key] = r.Value
	}
	return found, nil
}

// secretSize is enough for a key of HMAC-SHA-256.
const secretSize = 32

// Secret gives a key that this database made for itself: the same in every process,
// and never outside of it.
func (s *Store) Secret(ctx context.Context, name string) ([]byte, error) {
	fresh := make([]byte, secretSize)
	_, _ = rand.Read(fresh) // it never fails
	err := s.exec(ctx, "INSERT INTO memories (owner, key, value, changed_at) VALUES ('house', ?, ?, ?) ON CONFLICT DO NOTHING", "secret/"+name, fresh, micro(s.now()))
	if err != nil {
		return nil, fmt.Errorf("store: secret: %w", err)
	}
	// By the writer: a reader of SQLite may look at a moment before this.
	var secret []byte
	err = s.writer.QueryRowContext(ctx, s.bind("SELECT value FROM memories WHERE owner = 'house' AND key = ?"), "secret/"+name).Scan(&secret)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(secret) != secretSize {
		err = errors.New("it was damaged")
	}
	if err != nil {
		return nil, fmt.Errorf("store: secret: %w", err)
	}
	return secret, nil
}
