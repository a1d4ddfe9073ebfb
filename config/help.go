package config

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"schoolbel/workflows/school"
)

// emergency is the key of the desk that is none: what to do in danger.
const emergency = "emergency"

// help reads whom to ask for what is not ICT's. Which keys a row takes depends on
// what it is about, so that is looked at first.
func (r *schoolReader) help(n *yaml.Node, path string) {
	r.list(n, path, func(n *yaml.Node, path string) {
		if keyOf(n) == emergency {
			r.emergency(n, path)
			return
		}
		var d school.Desk
		r.keys(n, path, []string{"key", "name"}, map[string]func(*yaml.Node, string){
			"key": r.key("desk", &d.Key), "name": r.text(&d.Name), "words": r.texts(&d.Words), "phone": r.text(&d.Phone), "room": r.place(&d.Room),
		})
		if d.Key != "" && len(d.Words) == 0 && d.Key != school.Reception {
			r.wrong(real(n), path, "words: [lamp, …], by which its messages are known, or the key "+school.Reception, "nothing would ever be sent to %s", d.Key)
		}
		r.school.Help = append(r.school.Help, d)
	})
}

func keyOf(n *yaml.Node) string {
	n = real(n)
	if n == nil || n.Kind != yaml.MappingNode {
		return ""
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "key" {
			return n.Content[i+1].Value
		}
	}
	return ""
}

func (r *schoolReader) emergency(n *yaml.Node, path string) {
	e := &r.school.Emergency
	var key string
	r.keys(n, path, []string{"key", "number"}, map[string]func(*yaml.Node, string){
		"key": r.key("desk", &key), "number": r.phone(&e.Number), "name": r.text(&e.Name), "phone": r.phone(&e.Phone), "text": r.text(&e.Text),
	})
}

// phone reads a number that somebody must be able to call at once.
func (r *schoolReader) phone(into *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		r.text(into)(n, path)
		if *into != "" && strings.Trim(*into, "+0123456789 ()-") != "" {
			r.wrong(real(n), path, `a telephone number such as 112 or "+31 30 555 0100"`, "%q is none", *into)
		}
	}
}

// place reads one room.
func (r *schoolReader) place(into *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		var place string
		r.text(&place)(n, path)
		adapter, room, ok := strings.Cut(place, ":")
		_, domain, address := strings.Cut(room, "@")
		if place != "" && (!ok || room == "" || !slices.Contains([]string{"slack", "teams", "matrix", "console", "mail"}, adapter) || adapter == "mail" && (!address || domain == "" || strings.HasPrefix(room, "@") || strings.ContainsAny(room, " <>,"))) {
			r.wrong(real(n), path, `a room such as "slack:C0ICT", "teams:19:…", "matrix:!room:server" or "mail:team@school.example"`, "%q is none", place)
			return
		}
		*into = place
	}
}

// deskWords refuses a word that means two desks, or a service that is ICT's own:
// nobody could tell then whom to ask.
func (r *schoolReader) deskWords(root *yaml.Node) {
	taken := map[string]string{}
	for _, s := range r.school.Services {
		for _, word := range append([]string{s.Key, s.Name}, s.Aliases...) {
			taken[strings.ToLower(word)] = "the service " + s.Key
		}
	}
	for _, d := range r.school.Help {
		for _, word := range d.Words {
			word = strings.ToLower(word)
			if owner, has := taken[word]; has && owner != d.Key {
				r.wrong(lineOf(root, r.defined["desk"][d.Key]), "help", "words that mean one desk, and no service", "%q means %s, and %s as well", word, owner, d.Key)
				continue
			}
			taken[word] = d.Key
		}
	}
}
