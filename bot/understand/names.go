package understand

import (
	"slices"
	"strings"

	"schoolbel/workflows/school"
)

// names are the school's own words: its services, its places, and which of its
// services stands for which family.
type names struct {
	book     *book // senses "service.KEY", "place.KEY" and "product.NAME"
	heads    map[string]bool
	familyOf map[string]string          // service → its first family
	families map[string]map[string]bool // service → all families that its names stand for
	kin      map[string][]int           // service → those families, by where they stand in the list
	served   map[string]string          // family → service
	relies   map[string][]string
	places   []string
}

// apps are the families of which a name says most exactly what is wrong; a
// device or a way in says least, because everything is done with it.
var familyRank = map[string]float64{
	"network": 3, "wired": 3, "login": 1.5, "device": 1, "phone": 2, "sound": 2.5, "screen": 4, "print": 4,
	"mail": 5, "files": 4.5, "timetable": 5, "marks": 5, "learning": 5, "exam": 6,
}

// appRank is for a service of no family: a product that we do not know.
const appRank = 5

// placeWords say what sort of thing a place is, not which.
var placeWords = wordSet("locatie vestiging gebouw school campus location site building de het the aan van op")

func newNames(s *school.School, l *lexicon, sp func(string) []string) *names {
	n := &names{
		book: newBook(), heads: map[string]bool{},
		familyOf: map[string]string{}, families: map[string]map[string]bool{}, kin: map[string][]int{}, served: map[string]string{}, relies: map[string][]string{},
	}
	for _, f := range l.names {
		for _, w := range f.names {
			if len(w) >= 4 {
				n.heads[w] = true
			}
		}
	}
	put := func(service, form string) {
		if n.book.add("service."+service, form, nil); len(form) >= 4 && !strings.Contains(form, " ") && !l.shy[form] {
			n.heads[form] = true
		}
	}
	called := map[string][]string{} // service → every form of every name
	for _, service := range s.Services {
		for _, name := range append([]string{service.Key, service.Name}, service.Aliases...) {
			spelt := sp(name)
			for _, w := range spelt { // "Microsoft" for "Microsoft 365"
				if len(spelt) > 1 && slices.Contains(l.products, w) {
					put(service.Key, w)
				}
			}
			for _, form := range forms(spelt, l.shy) {
				if form != "" && !slices.Contains(called[service.Key], form) {
					called[service.Key] = append(called[service.Key], form)
					put(service.Key, form)
				}
			}
		}
		n.relies[service.Key] = service.DependsOn
	}
	n.findFamilies(s, l, called)
	for _, f := range l.names { // what others call it: "phones" is Telefonie
		for _, name := range f.names {
			if service := n.served[f.key]; service != "" && !slices.Contains(l.products, name) && len(n.book.find(spelled(name))) == 0 {
				put(service, name)
			}
		}
	}
	for _, p := range l.products {
		if len(n.book.find(spelled(p))) == 0 {
			n.book.add("product."+p, p, nil)
		}
	}
	n.addPlaces(s, sp)
	return n
}

// forms gives a name and its plurals: a name of one word that is long enough.
func forms(words []string, shy map[string]bool) []string {
	name := strings.Join(words, " ")
	if len(words) != 1 || len(name) < 4 || shy[name] {
		return []string{name}
	}
	out := []string{name, name + "s", name + "en", name + "je", name + "jes"}
	if stem, ok := strings.CutSuffix(name, "en"); ok && len(stem) >= 5 {
		out = append(out, stem)
	}
	if stem, ok := strings.CutSuffix(name, "s"); ok && len(stem) >= 4 {
		out = append(out, stem)
	}
	return out
}

// findFamilies finds out which service of this school is its network, its printers
// and so on, by what they are called.
func (n *names) findFamilies(s *school.School, l *lexicon, called map[string][]string) {
	for i, f := range l.names {
		for _, name := range f.names {
			for _, service := range s.Services {
				if !slices.Contains(called[service.Key], name) {
					continue
				}
				if n.served[f.key] == "" {
					n.served[f.key] = service.Key
				}
				if n.familyOf[service.Key] == "" {
					n.familyOf[service.Key], n.families[service.Key] = f.key, map[string]bool{}
				}
				if !n.families[service.Key][f.key] {
					n.families[service.Key][f.key] = true
					n.kin[service.Key] = append(n.kin[service.Key], i)
				}
			}
		}
	}
	n.lend(l, "network", "wired")
	n.lend(l, "wired", "network")
}

// lend lets the services of one family serve another that no service has: where there
// is one network, it is the wifi and the cables alike.
func (n *names) lend(l *lexicon, from, to string) {
	if n.served[to] != "" || n.served[from] == "" {
		return
	}
	n.served[to] = n.served[from]
	i := slices.IndexFunc(l.names, func(f family) bool { return f.key == to })
	for service, families := range n.families {
		if families[from] {
			families[to] = true
			n.kin[service] = append(n.kin[service], i)
		}
	}
}

// addPlaces adds the names of the locations, also without "locatie", and each
// word that stands in the names of one location only: "dependance", "Stationsplein".
func (n *names) addPlaces(s *school.School, sp func(string) []string) {
	all := map[string]string{} // word → the one location it belongs to, "" when several
	own := wordSet(strings.Join(sp(s.Organisation.Name), " "))
	for _, loc := range s.Locations {
		n.places = append(n.places, loc.Key)
		for _, name := range append([]string{loc.Key, loc.Name}, loc.Aliases...) {
			words := sp(name)
			n.book.add("place."+loc.Key, strings.Join(words, " "), nil)
			for _, w := range words {
				if placeWords[w] || own[w] || len(w) < 4 {
					continue
				}
				if at, taken := all[w]; taken && at != loc.Key {
					all[w] = ""
				} else {
					all[w] = loc.Key
				}
			}
		}
	}
	for w, key := range all {
		if key != "" {
			n.book.add("place."+key, w, nil)
		}
	}
}

// spelled makes tokens of words that are in the right spelling already.
func spelled(text string) []token {
	var out []token
	for w := range strings.FieldsSeq(text) {
		out = append(out, newToken(w, 0))
	}
	return out
}

// rank tells how exactly a service names what is wrong.
func (n *names) rank(service string) float64 {
	if r, ok := familyRank[n.familyOf[service]]; ok {
		return r
	}
	return appRank
}

// related tells whether trouble with one service may well be trouble with the
// other: the one needs the other, or both need a third.
func (n *names) related(a, b string) bool {
	if a == b {
		return true
	}
	needA, needB := n.needs(a), n.needs(b)
	for s := range needA {
		if needB[s] {
			return true
		}
	}
	return false
}

// needs gives a service and all it leans on.
func (n *names) needs(service string) map[string]bool {
	all := map[string]bool{}
	todo := []string{service}
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		if !all[s] {
			all[s] = true
			todo = append(todo, n.relies[s]...)
		}
	}
	return all
}
