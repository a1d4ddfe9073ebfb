package teams

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	keysLast   = 24 * time.Hour // then they are fetched anew
	keysAtMost = time.Hour      // between two looks for a key that nobody knows: strangers can name as many as they like
	keysAgain  = time.Minute    // after a look that failed
	keyBits    = 2048           // shorter ones can be broken
	maxKeys    = 1 << 20        // bytes
)

var (
	errNoKey  = errors.New("no such key")
	errNoKeys = errors.New("the keys cannot be fetched")
)

// key is one of Microsoft's, and the channels that it vouches for.
type key struct {
	public   *rsa.PublicKey
	endorses []string
}

// keys are those that tokens are signed with. Whoever asks while they are fetched
// waits for the same answer.
type keys struct {
	url   string
	local bool
	web   *http.Client
	now   func() time.Time
	log   *slog.Logger

	mu      sync.Mutex
	known   map[string]key
	fetched time.Time
	next    time.Time // no look before
}

// find gives the key with this id.
func (k *keys) find(ctx context.Context, id string) (key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	found, ok := k.known[id]
	if ok && now.Sub(k.fetched) < keysLast {
		return found, nil
	}
	if now.Before(k.next) {
		return k.verdict(found, ok, k.known != nil)
	}
	fresh, err := k.fetch(context.WithoutCancel(ctx)) // others wait for it, too
	if err != nil {
		k.next = now.Add(keysAgain)
		k.log.ErrorContext(ctx, "teams: the keys of Microsoft cannot be fetched", "openid_url", k.url, "error", err)
		return k.verdict(found, ok, false)
	}
	k.known, k.fetched, k.next = fresh, now, now.Add(keysAtMost)
	found, ok = k.known[id]
	return k.verdict(found, ok, true)
}

// verdict is what is to be made of a key that we have or lack. Old keys go on
// counting while no new ones can be had.
func (k *keys) verdict(found key, have, sure bool) (key, error) {
	switch {
	case have:
		return found, nil
	case sure:
		return key{}, errNoKey
	}
	return key{}, errNoKeys
}

// fetch reads where the keys are, and the keys.
func (k *keys) fetch(ctx context.Context) (map[string]key, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var about struct {
		Keys string `json:"jwks_uri"`
	}
	if err := k.get(ctx, k.url, &about); err != nil {
		return nil, err
	}
	if !secure(about.Keys) && (!k.local || !loopbackURL(about.Keys)) {
		return nil, fmt.Errorf("%s sends us to %q for the keys, which is not https", k.url, about.Keys)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := k.get(ctx, about.Keys, &set); err != nil {
		return nil, err
	}
	list := map[string]key{}
	for _, raw := range set.Keys {
		var one jose.JSONWebKey
		var more struct {
			Endorsements []string `json:"endorsements"`
		}
		if one.UnmarshalJSON(raw) != nil || json.Unmarshal(raw, &more) != nil {
			continue // of a sort that we do not take anyhow
		}
		public, ok := one.Key.(*rsa.PublicKey)
		if ok && one.KeyID != "" && (one.Use == "" || one.Use == "sig") && public.N.BitLen() >= keyBits {
			list[one.KeyID] = key{public, more.Endorsements}
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s has no key that can be used", about.Keys)
	}
	return list, nil
}

func (k *keys) get(ctx context.Context, address string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := k.web.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }() // only read
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, answer.Status)
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxKeys)).Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", address, err)
	}
	return nil
}
