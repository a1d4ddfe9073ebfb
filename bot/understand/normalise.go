package understand

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// longest is how much of a message is read. Whoever writes more has said what is
// wrong before this; a pasted log must not keep others waiting.
const longest = 4000

// token is one word as the lists know it: small letters, no accents, one spelling.
type token struct {
	word     string
	clause   int  // words of one clause have one number
	number   bool // 3, 3e, drie
	code     bool // has a digit: a room, an error code
	question bool // its sentence ends with a question mark
}

// cut keeps the beginning of a text, whole letters only.
func cut(text string, most int) string {
	if len(text) > most {
		for most > 0 && !utf8.RuneStart(text[most]) {
			most--
		}
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "�")
}

// clauseWords begin a new thought.
var clauseWords = wordSet("maar but terwijl while want because omdat although hoewel dus though")

// numberWords are numbers that people write out.
var numberWords = wordSet("twee drie vier vijf zes zeven acht negen tien twaalf twintig dertig two three four five six seven eight nine ten twelve twenty")

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// split cuts a text into words and clauses, and brings each word to one form of
// letters. Which spelling it stands for is the next step's concern.
func split(text string) []token {
	var (
		tokens   []token
		word     strings.Builder
		clause   int
		sentence int // first token of this sentence
	)
	end := func() {
		if word.Len() > 0 {
			tokens = append(tokens, newToken(word.String(), clause))
			word.Reset()
		}
	}
	runes := []rune(norm.NFKD.String(strings.ToLower(text)))
	at := func(i int) rune {
		if i < 0 || i >= len(runes) {
			return ' '
		}
		return runes[i]
	}
	for i, c := range runes {
		switch {
		case unicode.Is(unicode.Mn, c), c == '\'', c == '’', c == '‘', c == '`', c == 'ʼ', c == '\u200d':
			// An accent or an apostrophe: "collega's" and "collegas" are one word.
		case unicode.IsLetter(c), unicode.IsDigit(c):
			word.WriteRune(c)
		case c == '+' && unicode.IsDigit(at(i+1)):
			end()
			word.WriteRune(c) // "+1"
		case c == '.' && unicode.IsDigit(at(i-1)) && unicode.IsDigit(at(i+1)):
			word.WriteRune(c) // room 1.14
		case c == '?', c == '!', c == '.', c == '\n', c == ';', c == ',', c == ':', c == '(', c == ')':
			end()
			clause++
			if c == '?' {
				for j := sentence; j < len(tokens); j++ {
					tokens[j].question = true
				}
			}
			if c != ',' && c != ';' && c != ':' && c != '(' && c != ')' {
				sentence = len(tokens)
			}
		case unicode.Is(unicode.So, c) || unicode.Is(unicode.Sk, c) && c > 0xffff:
			end()
			tokens = append(tokens, token{word: string(c), clause: clause})
		default:
			end()
		}
	}
	end()
	return tokens
}

func newToken(word string, clause int) token {
	t := token{word: word, clause: clause}
	t.code = strings.ContainsFunc(word, unicode.IsDigit)
	digits := strings.TrimRight(word, "esthndr") // 2e, 3de, 1st, 4th
	t.number = numberWords[word] || digits != "" && strings.IndexFunc(digits, func(c rune) bool { return c < '0' || c > '9' }) < 0
	return t
}

// clauses numbers the thoughts anew after the spelling is known: "maar" begins one.
func clauses(tokens []token) []token {
	extra := 0
	for i := range tokens {
		// "zet het maar uit": near its end, "maar" only softens a clause.
		soft := i+2 >= len(tokens) || tokens[i+2].clause != tokens[i].clause-extra
		if clauseWords[tokens[i].word] && !soft {
			extra++
		}
		tokens[i].clause += extra
	}
	return tokens
}
