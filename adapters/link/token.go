package link

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"schoolbel/adapters"
)

// What can be wrong with a token. A token that was cut off cannot be told from one
// that somebody made up.
var (
	errBroken  = errors.New("the link is not whole, or not ours")
	errExpired = errors.New("the link has expired")
)

const (
	version   = 1  // of the encoding below; others are not ours
	nonceSize = 12 // enough never to meet the same one twice
	macSize   = 16 // of HMAC-SHA-256: nobody guesses 128 bits
)

// ticket is what a token carries.
type ticket struct {
	adapters.Grant
	nonce [nonceSize]byte
}

// event is the id of what is done with it: the same however often it is used.
func (t ticket) event() string { return "link:" + hex.EncodeToString(t.nonce[:]) }

// sealer signs with a key that never leaves the house.
type sealer struct{ key []byte }

// mac signs data for one use; what is signed for another is worth nothing there.
func (s sealer) mac(use string, data []byte) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(use))
	h.Write([]byte{0})
	h.Write(data)
	return h.Sum(nil)[:macSize]
}

// token writes a ticket: version, nonce, the second at which it ends, and the
// grant's texts, each behind its length; then the signature over all that.
func (s sealer) token(t ticket) string {
	data := append([]byte{version}, t.nonce[:]...)
	data = binary.AppendUvarint(data, uint64(max(0, t.Until.Unix())))
	for _, text := range t.texts() {
		data = binary.AppendUvarint(data, uint64(len(*text)))
		data = append(data, *text...)
	}
	return encode(append(data, s.mac("ticket", data)...))
}

// texts are the parts of a grant in the order in which a token has them.
func (t *ticket) texts() []*string {
	return []*string{&t.Place.Adapter, &t.Place.Channel, &t.Place.Thread, &t.User, &t.Command, &t.Label, &t.Message}
}

// open reads a token. The signature comes first: nothing is read that is not ours.
// An expired ticket is given, so that its person can be told in their language.
func (s sealer) open(token string, now time.Time) (ticket, error) {
	var t ticket
	if len(token) > longest {
		return t, errBroken
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(data) < 1+nonceSize+macSize {
		return t, errBroken
	}
	data, mac := data[:len(data)-macSize], data[len(data)-macSize:]
	if !hmac.Equal(mac, s.mac("ticket", data)) || data[0] != version {
		return t, errBroken
	}
	copy(t.nonce[:], data[1:])
	rest := data[1+nonceSize:]
	until, n := binary.Uvarint(rest)
	if n <= 0 {
		return t, errBroken
	}
	t.Until, rest = time.Unix(int64(until), 0), rest[n:]
	for _, text := range t.texts() {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return t, errBroken
		}
		*text, rest = string(rest[n:n+int(size)]), rest[n+int(size):]
	}
	if !now.Before(t.Until) {
		return t, errExpired
	}
	return t, nil
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
