package main

import (
	"maps"
	"slices"
	"strings"

	"schoolbel/adapters/all"
	"schoolbel/adapters/console"
	"schoolbel/adapters/web"
	"schoolbel/config"
	"schoolbel/workflows/school"
)

// inConsole gives the school with its rooms in the console: where no platform is
// connected, "slack:C0ICT" of the school file stands as a room in the browser.
func inConsole(s *school.School) *school.School {
	c := *s
	c.Teams = slices.Clone(s.Teams)
	for i, t := range c.Teams {
		c.Teams[i].Room = []string{"console:" + t.Key}
	}
	c.Audiences = slices.Clone(s.Audiences)
	for i, a := range c.Audiences {
		c.Audiences[i].Places = []string{"console:" + a.Key}
	}
	c.People = slices.Clone(s.People)
	for i, p := range c.People {
		accounts := maps.Clone(p.Accounts)
		if accounts == nil {
			accounts = map[string]string{}
		}
		accounts["console"] = p.Key
		c.People[i].Accounts = accounts
	}
	return school.New(c)
}

// cast tells the console who can be played and which rooms there are.
func (a *App) cast() console.Cast {
	s := a.school.Load()
	var cast console.Cast
	for _, p := range s.People {
		cast.People = append(cast.People, console.Person{ID: p.Key, Name: p.Name, Hint: a.hint(s, p), Locale: p.Locale})
	}
	for _, t := range s.Teams {
		room := console.Room{Channel: t.Key, Name: t.Name}
		for _, p := range s.Members(t.Key) {
			room.Members = append(room.Members, p.Key)
		}
		cast.Rooms = append(cast.Rooms, room)
	}
	for _, audience := range s.Audiences {
		room := console.Room{Channel: audience.Key, Name: audienceName(s, audience)}
		for _, p := range s.People {
			if slices.ContainsFunc(p.Locations, func(l string) bool { return slices.Contains(audience.Locations, l) }) {
				room.Members = append(room.Members, p.Key)
			}
		}
		cast.Rooms = append(cast.Rooms, room)
	}
	return cast
}

// hint says in a few words who somebody is: "docent, Noord".
func (a *App) hint(s *school.School, p school.Person) string {
	var words []string
	if len(p.Roles) > 0 {
		words = append(words, a.book.Say(p.Locale, "role."+string(p.Roles[0])))
	}
	if len(p.Locations) == 1 {
		if l, ok := s.Location(p.Locations[0]); ok {
			words = append(words, l.Name)
		}
	}
	return strings.Join(words, ", ")
}

func audienceName(s *school.School, a school.Audience) string {
	if len(a.Locations) == 1 {
		if l, ok := s.Location(a.Locations[0]); ok {
			return l.Name
		}
	}
	return a.Key
}

// strangers says which sections there are for adapters that nobody knows.
func strangers(cfg *config.Config) error {
	var names []string
	for _, p := range all.Plugs {
		names = append(names, p.Name)
	}
	var found config.Problems
	for _, name := range slices.Sorted(maps.Keys(cfg.Adapters)) {
		if !slices.Contains(names, name) {
			found = append(found, cfg.Mistake("adapters."+name, "one of "+strings.Join(names, ", "), "there is no such adapter"))
		}
	}
	if len(found) > 0 {
		return found
	}
	return nil
}

// tokens are the keys to the doors for programs.
func tokens(cfg *config.Config) (web.Tokens, error) {
	secrets := map[string]string{}
	for name, token := range cfg.API.Tokens {
		secrets[name] = token.Reveal()
	}
	return web.NewTokens(secrets)
}

// match finds the service and location that a monitor speaks of. One that it calls
// as the school file does is just that, whatever else the words could mean.
func (a *App) match(words string) (service, location string) {
	s := a.school.Load()
	called := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, strings.TrimSpace(words)) })
	}
	for _, v := range s.Services {
		if called(append([]string{v.Key, v.Name}, v.Aliases...)...) {
			return v.Key, ""
		}
	}
	for _, l := range s.Locations {
		if called(append([]string{l.Key, l.Name}, l.Aliases...)...) {
			return "", l.Key
		}
	}
	return a.bot.Match(words)
}
