package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"schoolbel/workflows"
)

// words is the part of a log line that tells of people. Salt keeps a short text
// from being guessed by its digest after it was erased.
type words struct {
	Salt string               `json:"salt"`
	Name string               `json:"name,omitempty"`
	Note string               `json:"note,omitempty"`
	Diff map[string][2]string `json:"diff,omitempty"`
}

// line makes the row of a log entry, chained to the hash before it.
func line(e *workflows.Entry, before []byte) (logRow, error) {
	text, err := json.Marshal(words{Salt: rand.Text(), Name: e.Name, Note: e.Note, Diff: e.Diff})
	if err != nil {
		return logRow{}, fmt.Errorf("store: words of %s: %w", e.Ref, err)
	}
	said := string(text)
	w := logRow{
		Prefix: e.Ref.Prefix, Number: e.Ref.Number, Seq: e.Seq, Kind: string(e.Kind), Visit: e.Visit, At: micro(e.At), LoggedAt: micro(e.LoggedAt),
		Actor: e.Actor, Via: e.Via, Action: string(e.Action), FromState: string(e.From), ToState: string(e.To), Command: e.Command, Words: &said,
	}
	w.Digest = digest(said)
	w.Hash = w.chained(before)
	return w, nil
}

// micro is the precision that both databases keep.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// chained is the hash of this line and the one before: each part with its
// length in front, so that no two lines are written the same.
func (w logRow) chained(before []byte) []byte {
	h := sha256.New()
	part := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	number := func(n int64) { part(binary.BigEndian.AppendUint64(nil, uint64(n))) }
	part(before)
	for _, text := range []string{w.Prefix, w.Kind, w.Actor, w.Via, w.Action, w.FromState, w.ToState, w.Command} {
		part([]byte(text))
	}
	for _, n := range []int64{w.Number, w.Seq, int64(w.Visit), w.At.UnixMicro(), w.LoggedAt.UnixMicro()} {
		number(n)
	}
	part(w.Digest)
	return h.Sum(nil)
}
