package bot

import (
	"regexp"

	"schoolbel/bot/understand"
)

// danger is what a sensitive report is about, as far as first aid must know: what
// helps against one makes another worse.
type danger string

const (
	virus    danger = "virus"    // ransomware, malware: it spreads while we talk
	phishing danger = "phishing" // a password or an account is in other hands
	astray   danger = "astray"   // sent to the wrong people
	lost     danger = "lost"     // a device or papers
	weak     danger = "weak"     // a weak spot that nobody used yet, as far as we know
	exposed  danger = "exposed"  // any other leak
)

// What people write of each, in Dutch and English, roughly: the message is known to
// be sensitive already, and a wrong guess costs advice, not a record.
var (
	virusWords    = regexp.MustCompile(`(?i)ransom|crypto-?locker|virus|malware|trojan|spyware|keylogger|versleuteld|gegijzeld|losgeld|bitcoin|encrypted|(muis|cursor|mouse).*(vanzelf|uit zichzelf|by itself|on its own)|bestanden.*(gecodeerd|op slot)|pay .*unlock`)
	phishingWords = regexp.MustCompile(`(?i)phish|fishing|nep-?mail|smish|scam|oplicht|geklikt|clicked|gehackt|hacked|\bmfa\b|cadeaubon|gift card|(in|uit|from|into) (mijn|my)( \S+)? (account|mailbox|naam|name|mail|e-?mail)`)
	lostWords     = regexp.MustCompile(`(?i)\b(kwijt\w*|verloren|verlies|gestolen|gejat|laten liggen|vergeten|lost|stolen|left|forgot\w*|missing)\b`)
	thingWords    = regexp.MustCompile(`(?i)laptop|chromebook|macbook|notebook|tablet|ipad|telefoon|phone|mobiel|usb|stick|schijf|drive|\btas\b|\bbag\b|koffer|dossier|map\b|folder|agenda`)
	sentWords     = regexp.MustCompile(`(?i)gestuurd|gemaild|verstuurd|verzonden|gedeeld|gedeelde|doorgestuurd|meegegeven|stuurde|mailde|\bcc\b|\bbcc\b|\bsent\b|mailed|e-?mailed|shared|forwarded|\bgave\b`)
	secretWords   = regexp.MustCompile(`(?i)wachtwoord|password|inloggegevens|credentials|inlog|log-?in|account|linkje?|bijlage|attachment`)
)

// dangerOf tells what a sensitive message is about: what spreads comes first.
func dangerOf(m understand.Meaning) danger {
	says := func(words *regexp.Regexp) bool { return words.MatchString(m.Text) }
	switch {
	case says(virusWords):
		return virus
	case says(phishingWords):
		return phishing
	case m.Intent == understand.ReportVulnerability:
		return weak
	case says(lostWords) && says(thingWords):
		return lost
	case says(sentWords):
		return astray
	case says(secretWords):
		return phishing
	}
	return exposed
}

// breach tells whether data of people may be in other hands: then a clock of the
// law runs, and a false alarm costs one look of an officer.
func (d danger) breach() bool { return d == lost || d == astray || d == exposed }
