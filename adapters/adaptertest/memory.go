package adaptertest

import (
	"context"
	"maps"
	"strings"
	"sync"

	"schoolbel/adapters"
)

// Memory is what an adapter remembers, for a test. The zero value is empty.
type Memory struct {
	lock sync.Mutex
	kept map[string][]byte
}

// Recall gives what was kept, nil when there is nothing.
func (m *Memory) Recall(_ context.Context, key string) ([]byte, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.kept[key], nil
}

// All gives everything whose key begins with prefix.
func (m *Memory) All(_ context.Context, prefix string) (map[string][]byte, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	found := maps.Clone(m.kept)
	maps.DeleteFunc(found, func(key string, _ []byte) bool { return !strings.HasPrefix(key, prefix) })
	return found, nil
}

// Remember keeps a value; nil forgets it.
func (m *Memory) Remember(_ context.Context, key string, value []byte) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.kept == nil {
		m.kept = map[string][]byte{}
	}
	if m.kept[key] = value; value == nil {
		delete(m.kept, key)
	}
	return nil
}

var _ adapters.Memory = (*Memory)(nil)
