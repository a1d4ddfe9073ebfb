package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"schoolbel/workflows"
)

// accountRow is an account as its table holds it.
type accountRow struct {
	ID, Person, Name, Email, Locale, Direct string
	SeenAt                                  time.Time
}

// TableName names the table for GORM.
func (accountRow) TableName() string { return "accounts" }

// Account finds an account, nil when it is not known.
func (t *tx) Account(ctx context.Context, id string) (*workflows.Account, error) {
	db, err := t.reads(ctx)
	if err != nil {
		return nil, err
	}
	list, err := accounts(db.Where("id = ?", id))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Accounts lists the accounts of a person.
func (t *tx) Accounts(ctx context.Context, person string) ([]workflows.Account, error) {
	db, err := t.reads(ctx)
	if err != nil {
		return nil, err
	}
	return accounts(db.Where("person = ? OR person = (SELECT person FROM accounts WHERE id = ?)", person, person))
}

func accounts(db *gorm.DB) ([]workflows.Account, error) {
	var rows []accountRow
	if err := db.Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("store: accounts: %w", err)
	}
	var list []workflows.Account
	for _, w := range rows {
		list = append(list, workflows.Account{ID: w.ID, Person: w.Person, Name: w.Name, Email: w.Email, Locale: w.Locale, Direct: w.Direct, SeenAt: w.SeenAt.UTC()})
	}
	return list, nil
}

// SaveAccount keeps an account. It is sent at once, so that a read sees it.
func (t *tx) SaveAccount(ctx context.Context, a workflows.Account) error {
	t.upsert("accounts", "id, person, name, email, locale, direct, seen_at", ` ON CONFLICT (id) DO UPDATE SET
		person = excluded.person, name = excluded.name, email = excluded.email, locale = excluded.locale, direct = excluded.direct, seen_at = excluded.seen_at`,
		a.ID, a.Person, a.Name, a.Email, a.Locale, a.Direct, micro(a.SeenAt))
	return t.flush(ctx)
}

// Seen keeps when an account was seen. It costs no round trip of its own.
func (t *tx) Seen(_ context.Context, a workflows.Account) error {
	t.upsert("accounts", "id, person, name, email, locale, direct, seen_at", " ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
		a.ID, a.Person, a.Name, a.Email, a.Locale, a.Direct, micro(a.SeenAt))
	return nil
}

// Talk finds a conversation that waits for an answer, nil when there is none.
func (t *tx) Talk(ctx context.Context, key string) (*workflows.Talk, error) {
	db, err := t.reads(ctx)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Body    string
		Expires time.Time
	}
	if err := db.Table("talks").Where("key = ? AND expires > ?", key, micro(t.s.now())).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("store: talk: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &workflows.Talk{Key: key, Body: json.RawMessage(rows[0].Body), Expires: rows[0].Expires.UTC()}, nil
}

// SaveTalk keeps a conversation; an empty body ends it.
func (t *tx) SaveTalk(ctx context.Context, talk workflows.Talk) error {
	if len(talk.Body) == 0 {
		t.write("DELETE FROM talks WHERE key = ?", talk.Key)
		return t.flush(ctx)
	}
	t.upsert("talks", "key, body, expires", " ON CONFLICT (key) DO UPDATE SET body = excluded.body, expires = excluded.expires",
		talk.Key, string(talk.Body), micro(talk.Expires))
	return t.flush(ctx)
}
