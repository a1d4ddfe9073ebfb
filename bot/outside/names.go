package outside

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"schoolbel/workflows/school"
)

func set(text string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		m[w] = true
	}
	return m
}

var (
	// leaders come before somebody, if what follows has a capital.
	leaders = set("van met voor bij aan door namens tegen over naast from with for of by to about and ben heet heten genaamd named called im")
	// titles come before somebody, and may stand behind a leader.
	titles = set(`dhr mevr mw meneer mevrouw heer juf juffrouw meester mr mrs ms miss mister sir madam prof dr drs ir leerling leerlinge student studente
		collega colleague pupil docent docente mentor teacher vader moeder ouder ouders father mother parent parents broer zus zoon dochter conrector rector directeur naam name is`)
	// closings come before the writer's own name.
	closings = set("groet groeten groetjes gr grt grtjs mvg vriendelijke hartelijke regards greetings cheers thanks thx dank bedankt alvast xx xxx liefs love")
	// particles stand inside a name.
	particles = set("de den der des van von vom el al ten ter te het t la le du da di dos bin ibn ben abu op in")
	// joints stand between two names.
	joints = set("en and of or")
	// ordinary words begin with a capital and are nobody.
	ordinary = set(`windows word excel powerpoint teams outlook onedrive sharepoint office microsoft google chrome chromebook chromebooks drive classroom meet gmail apple ipad ipads
		iphone mac macbook android samsung lenovo dell hp canon ricoh epson brother adobe photoshop canva zoom slack kahoot wifi internet usb hdmi vga lan vlan vpn dhcp dns sso mfa ict it
		pdf pc pcs laptop laptops bord beamer printer printers maandag dinsdag woensdag donderdag vrijdag zaterdag zondag monday tuesday wednesday thursday friday saturday sunday
		januari februari maart april mei juni juli augustus september oktober november december january february march may june july august october
		nederlands engels duits frans wiskunde biologie natuurkunde scheikunde geschiedenis aardrijkskunde economie gym havo vwo vmbo mavo dutch english german french
		de het een the a i ik we wij mijn my our ons onze jullie dit dat deze die this that lokaal room graag please`)
)

// people takes out names: those of the school's people wherever they stand, and
// words with a capital where somebody is likely to stand.
func (h *hidden) people(text string, s *school.School) string {
	list := words(text)
	known, house := namesOf(s)
	is := make([]bool, len(list))
	for i, t := range list {
		w := fold(t.word)
		is[i] = known[w] || strings.HasSuffix(w, "s") && known[strings.TrimSuffix(w, "s")] // “Noors laptop”
	}
	capital := func(i int) bool {
		if i >= len(list) {
			return false
		}
		c, _ := utf8.DecodeRuneInString(list[i].word)
		w := fold(list[i].word)
		return unicode.IsUpper(c) && (is[i] || !house[w] && !ordinary[w] && !leaders[w] && !titles[w])
	}
	gap := func(i int, allowed string) bool { // between the word before and this one
		return i < len(list) && i > 0 && strings.Trim(text[list[i-1].end:list[i].start], allowed) == ""
	}
	for i, t := range list {
		w := fold(t.word)
		near := " .\"“‘'("
		switch {
		case closings[w]:
			near = " .,!\n-:"
		case !leaders[w] && !titles[w]:
			continue
		}
		j := i + 1
		for gap(j, near) && (titles[fold(list[j].word)] || closings[w] && closings[fold(list[j].word)]) {
			j++
		}
		for gap(j, near) {
			k := j
			for k < len(list) && particles[fold(list[k].word)] && gap(k+1, " '") && k-j < 4 {
				k++
			}
			if !capital(k) {
				break
			}
			for ; j <= k; j++ {
				is[j] = true
			}
			near = " -,&.\"“‘'"
			if j < len(list) && joints[fold(list[j].word)] && gap(j, " ") && capital(j+1) {
				j++
			}
		}
	}
	return h.cover(text, list, is)
}

// cover puts one placeholder over names that stand side by side.
func (h *hidden) cover(text string, list []token, is []bool) string {
	var out strings.Builder
	at := 0
	for i := 0; i < len(list); i++ {
		if !is[i] {
			continue
		}
		last := i
		for j := i + 1; j < len(list) && strings.Trim(text[list[j-1].end:list[j].start], " -") == "" && (is[j] || particles[fold(list[j].word)]); j++ {
			if is[j] {
				last = j
			}
		}
		out.WriteString(text[at:list[i].start])
		out.WriteString(h.hide("NAAM", text[list[i].start:list[last].end]))
		at, i = list[last].end, last
	}
	out.WriteString(text[at:])
	return out.String()
}

// namesOf gives the words of the people's names, and those that name things of the
// school: a service, a place, a team.
func namesOf(s *school.School) (known, house map[string]bool) {
	known, house = map[string]bool{}, map[string]bool{}
	for _, p := range s.People {
		for _, t := range words(p.Name) {
			if w := fold(t.word); !particles[w] && utf8.RuneCountInString(w) > 1 {
				known[w] = true
			}
		}
	}
	things := []string{s.Organisation.Name}
	for _, v := range s.Services {
		things = append(append(things, v.Name), v.Aliases...)
	}
	for _, l := range s.Locations {
		things = append(append(things, l.Name), l.Aliases...)
	}
	for _, t := range s.Teams {
		things = append(things, t.Name)
	}
	for _, v := range s.Suppliers {
		things = append(things, v.Name)
	}
	for _, name := range things {
		for _, t := range words(name) {
			house[fold(t.word)] = true
		}
	}
	return known, house
}
