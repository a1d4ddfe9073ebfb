package understand

// Words that belong to one language only and stand in nearly every message.
var (
	dutch = wordSet(`de het een ik jij hij zij wij we jullie ons onze mijn is zijn niet geen wel en of maar met voor van naar op bij aan uit er
		hier daar dit dat deze die wat wie waar wanneer hoe al weer ook nog kan kunnen doet doen werkt ligt heeft hebben heb krijg krijgt wordt
		worden graag iemand iedereen niemand alle hele door als dan toch hoor even vandaag morgen gisteren sinds leerlingen lokaal bedankt
		moet wil willen mag gaat komt staat zit ben bent was waren te om tot over onder tegen zonder haha fijn goed goedemorgen`)
	english = wordSet(`the a an i you he she we they my your our their is are was were not no and or but with for from to at by of on in it this
		that these those what who where when how again also too still can could will would does do did has have had get got please someone
		anyone everyone nobody all whole as if then today tomorrow yesterday since room thanks must want may goes been be im me us there here
		good morning any why works working broken down yet up out`)
	both = wordSet("is was in we of had over die door van on all an as weer")
)

// language tells in which language a message is; fallback when it does not show.
func language(tokens []token, fallback string) string {
	nl, en := 0.0, 0.0
	for _, t := range tokens {
		weight := 1.0
		if both[t.word] {
			weight = 0.3
		}
		if dutch[t.word] {
			nl += weight
		}
		if english[t.word] {
			en += weight
		}
	}
	switch {
	case nl > en:
		return "nl"
	case en > nl:
		return "en"
	case fallback == "en":
		return "en"
	}
	return "nl"
}
