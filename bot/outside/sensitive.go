package outside

import "strings"

// telltales are beginnings of words that may tell of a leak, an attack, or of
// somebody's care; with = it is the whole word. Most messages with one are harmless; then all that is lost is a
// second opinion.
var telltales = strings.Fields(`
	=lek =lekt gelek datalek leak breach hack gehack cracked phish fish virus malware ransom gijzel losgeld spyware trojan botnet ddos aanval attack
	inbra inbreu gestolen stolen stole diefstal theft steal kwijtgera verloren vermis lost usb kwijt
	wachtwoord password passwd pincode wachtwrd credential bsn burgerservice paspoort passport
	persoonsgeg leerlinggeg leerlingdoss dossier privacy avg gdpr vertrouwelijk geheim confidential secret
	zorg medis medic diagnos ziekte gezondheid health adhd autis dyslex therap psych jeugdhulp jeugdzorg voogd veilig thuis
	mishandel misbruik abus seks sexu naaktfot nude sexting pest gepest bully bedreig threat wapen weapon =mes =messen geweld violen suicid zelfmoord zelfdod
	kwetsba vulnerab cve exploit beveiligingslek onbeveilig unsecured verdacht suspicious spam oplicht fraud scam chantage`)

// MaySensitive tells whether a message had better stay in the house. It rather says
// so once too often.
func MaySensitive(text string) bool {
	for _, t := range words(text) {
		word := fold(t.word)
		for _, tale := range telltales {
			whole, exact := strings.CutPrefix(tale, "=")
			if exact && word == whole || strings.HasPrefix(word, tale) || len(tale) >= 6 && strings.Contains(word, tale) {
				return true
			}
		}
	}
	return false
}
