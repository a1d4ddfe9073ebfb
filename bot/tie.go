package bot

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// codeKind is a message that shows a code. The code is made as the message is drawn
// and kept as a digest alone: it stands nowhere but on the person's screen.
const codeKind = "code"

const (
	codeLasts  = 10 * time.Minute
	undoLasts  = 24 * time.Hour
	blockLasts = time.Hour // how long somebody waits after too many wrong codes
	wrongCodes = 5         // so many, and codes of and by this account are void
	shownCodes = 5         // so many codes an account gets within blockLasts
	// allWrong is how many wrong codes there may be within blockLasts, of everybody
	// together: who has many accounts does not guess more.
	allWrong = 100

	notMeWord = "schoolbel.notme"
	// alone is by which name whoever ties accounts is alone.
	aloneTies = "ties"
)

// tie is an account that belongs to a person by a code, or by its e-mail address.
type tie struct {
	Deed    string    `json:"deed"` // the event that did it
	Account string    `json:"account"`
	Person  string    `json:"person"`
	Was     string    `json:"was"` // whose it was before
	Name    string    `json:"name"`
	By      string    `json:"by"` // the account that entered the code
	At      time.Time `json:"at"`
	Before  *tie      `json:"before,omitempty"` // the tie that this one took over
}

// deed is what one code did, kept so that it can be undone.
type deed struct {
	Accounts []string          `json:"accounts"` // that were moved
	Told     map[string]string `json:"told"`     // the two accounts → language
	Until    time.Time         `json:"until"`
}

// sixDigits is a code as people type it.
var sixDigits = regexp.MustCompile(`^(\d{3})[ -]?(\d{3})$`)

// drawCode makes a code for an account and draws the message that shows it. An
// older code of that account is void.
func (b *Bot) drawCode(ctx context.Context, d *workflows.Delivery) (adapters.Card, error) {
	var shown struct{ Account, Lang string }
	if err := json.Unmarshal(d.Body, &shown); err != nil {
		return adapters.Card{}, fmt.Errorf("bot: code %s: %w", d.ID, err)
	}
	code, err := b.newCode(ctx, shown.Account)
	if err != nil {
		return adapters.Card{}, err
	}
	text := b.Book.Say(shown.Lang, "bot.tie.code", code[:3]+" "+code[3:])
	return adapters.Card{Title: b.Book.Say(shown.Lang, "bot.tie.title"), Text: text}, nil
}

func (b *Bot) newCode(ctx context.Context, account string) (code string, err error) {
	if _, err := b.digest(ctx, ""); err != nil { // the key is read outside of the transaction
		return "", err
	}
	err = b.Store.Do(ctx, func(tx workflows.Tx) error {
		if err := tx.Alone(ctx, aloneTies); err != nil {
			return err
		}
		if err := voidCode(ctx, tx, account); err != nil {
			return err
		}
		for {
			n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
			if err != nil {
				return fmt.Errorf("bot: code: %w", err)
			}
			code = fmt.Sprintf("%06d", n)
			key, err := b.digest(ctx, code)
			if err != nil {
				return err
			}
			if taken, err := tx.Talk(ctx, key); err != nil {
				return err
			} else if taken != nil {
				continue
			}
			until := b.Now().Add(codeLasts)
			if err := saveTalk(ctx, tx, key, account, until); err != nil {
				return err
			}
			return saveTalk(ctx, tx, codeOf(account), key, until)
		}
	})
	return code, err
}

func codeOf(account string) string { return "code of|" + account }

// voidCode takes back the code that an account shows.
func voidCode(ctx context.Context, tx workflows.Tx, account string) error {
	talk, err := tx.Talk(ctx, codeOf(account))
	if err != nil || talk == nil {
		return err
	}
	var key string
	if err := json.Unmarshal(talk.Body, &key); err != nil {
		return fmt.Errorf("bot: code: %w", err)
	}
	if err := tx.SaveTalk(ctx, workflows.Talk{Key: key}); err != nil {
		return err
	}
	return tx.SaveTalk(ctx, workflows.Talk{Key: codeOf(account)})
}

func saveTalk(ctx context.Context, tx workflows.Tx, key string, body any, until time.Time) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("bot: talk: %w", err)
	}
	return tx.SaveTalk(ctx, workflows.Talk{Key: key, Body: text, Expires: until})
}

// digest is the key under which a code is kept: who reads the table of talks cannot
// try out a million codes without the secret of the house.
func (b *Bot) digest(ctx context.Context, code string) (string, error) {
	secret := b.secret.Load()
	if secret == nil {
		fresh, err := b.Store.Secret(ctx, "codes")
		if err != nil {
			return "", err
		}
		b.secret.Store(&fresh)
		secret = &fresh
	}
	mac := hmac.New(sha256.New, *secret)
	mac.Write([]byte(code))
	return "code|" + hex.EncodeToString(mac.Sum(nil)), nil
}

// tries counts what an account does too often.
func tries(ctx context.Context, tx workflows.Tx, key string) (int, error) {
	talk, err := tx.Talk(ctx, key)
	if err != nil || talk == nil {
		return 0, err
	}
	n, err := strconv.Atoi(string(talk.Body))
	return n, err
}

func (c *call) counted(ctx context.Context, key string, n int) error {
	return saveTalk(ctx, c.tx, key, n, c.Now().Add(blockLasts))
}

// own is the account by which somebody speaks.
func (c *call) ownAccount() string { return c.ev.Place.Adapter + ":" + c.ev.User.ID }

// showCode gives somebody a code to enter on their other account.
func (c *call) showCode(ctx context.Context) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	if !c.ev.Direct {
		return c.answer(ctx, adapters.Card{Text: c.say("bot.tie.aside")})
	}
	if err := c.tx.Alone(ctx, aloneTies); err != nil {
		return err
	}
	account := c.ownAccount()
	n, err := tries(ctx, c.tx, "codes|"+account)
	if err != nil {
		return err
	}
	if n >= shownCodes {
		return c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: c.say("bot.tie.often")})
	}
	if err := c.counted(ctx, "codes|"+account, n+1); err != nil {
		return err
	}
	body, err := json.Marshal(struct{ Account, Lang string }{account, c.who.lang})
	if err != nil {
		return fmt.Errorf("bot: code: %w", err)
	}
	place := c.ev.Place
	return c.tx.Send(ctx, workflows.Delivery{ID: "code:" + c.ev.ID, Place: place.String(), Thread: place.Thread, Kind: codeKind, Person: c.who.Key, Body: body})
}

// enterCode ties this account and the one that shows the code to one person.
func (c *call) enterCode(ctx context.Context, key string) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	if err := c.tx.Alone(ctx, aloneTies); err != nil {
		return err
	}
	mine := c.ownAccount()
	wrong, err := tries(ctx, c.tx, "wrong|"+mine)
	if err != nil {
		return err
	}
	all, err := tries(ctx, c.tx, "wrong|")
	if err != nil {
		return err
	}
	if wrong >= wrongCodes || all >= allWrong {
		c.Log.Warn("codes are tried too often", "account", mine, "by_all", all)
		return c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: c.say("bot.tie.often")})
	}
	talk, err := c.tx.Talk(ctx, key)
	if err != nil {
		return err
	}
	var other string
	if talk != nil {
		if err := json.Unmarshal(talk.Body, &other); err != nil {
			return fmt.Errorf("bot: code: %w", err)
		}
	}
	if talk == nil || !c.ev.Direct { // in a room, all others read it as well
		if other != "" {
			if err := voidCode(ctx, c.tx, other); err != nil {
				return err
			}
		}
		return c.wrongCode(ctx, mine, wrong+1, all+1)
	}
	if other == mine {
		return c.answer(ctx, adapters.Card{Text: c.say("bot.tie.self")})
	}
	if err := voidCode(ctx, c.tx, other); err != nil { // it works once
		return err
	}
	return c.join(ctx, mine, other)
}

// wrongCode counts a code that is none, and after five makes an end of it.
func (c *call) wrongCode(ctx context.Context, mine string, wrong, all int) error {
	if err := c.counted(ctx, "wrong|"+mine, wrong); err != nil {
		return err
	}
	if err := c.counted(ctx, "wrong|", all); err != nil {
		return err
	}
	text := "bot.tie.wrong"
	switch {
	case wrong >= wrongCodes:
		text = "bot.tie.often"
		c.Log.Warn("somebody enters wrong codes", "account", mine)
		if err := voidCode(ctx, c.tx, mine); err != nil {
			return err
		}
	case !c.ev.Direct:
		text = "bot.tie.aside"
	}
	return c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: c.say(text)})
}

// tying takes words about what belongs together: an account and a person, or a room
// and a team. Where nobody speaks to the bot, they are just words.
func (c *call) tying(ctx context.Context, text string) (step, error) {
	if c.ev.Kind == adapters.Press {
		if name, ok := strings.CutPrefix(text, notMeWord+" "); ok {
			return func(ctx context.Context) error { return c.notMe(ctx, name) }, nil
		}
		if rest, ok := strings.CutPrefix(text, roomWord+" "); ok {
			return func(ctx context.Context) error { return c.roomPressed(ctx, rest) }, nil
		}
		return nil, nil
	}
	if c.ev.Kind == adapters.Submit {
		return nil, nil
	}
	said := spoken(text)
	begin, rest, _ := strings.Cut(said, " ")
	rest = strings.TrimSpace(rest)
	if m := sixDigits.FindStringSubmatch(rest); m != nil && c.words.ties[begin] == "tie" {
		key, err := c.digest(ctx, m[1]+m[2])
		return func(ctx context.Context) error { return c.enterCode(ctx, key) }, err
	}
	if !c.listens() {
		return nil, nil
	}
	switch c.words.ties[said] {
	case "not_me":
		if c.ev.Direct {
			return func(ctx context.Context) error { return c.notMe(ctx, "") }, nil
		}
	case "ties":
		if c.agent() {
			return c.listRooms, nil
		}
	case "untie":
		if c.ev.Direct {
			return func(ctx context.Context) error { return c.notMe(ctx, "") }, nil
		}
		return c.untieRoom, nil
	case "tie":
		if c.ev.Direct {
			return c.showCode, nil
		}
		return c.whichRoom, nil
	}
	if c.words.ties[begin] != "tie" {
		return nil, nil
	}
	if c.says(rest, "bot.words.tie_me") {
		return c.showCode, nil
	}
	if what, ok := c.roomNamed(rest); ok {
		return func(ctx context.Context) error { return c.askRoom(ctx, what) }, nil
	}
	if c.ev.Kind == adapters.Slash && !c.ev.Direct {
		return c.whichRoom, nil
	}
	return nil, nil
}
