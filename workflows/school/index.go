package school

import (
	"slices"
	"strings"

	"schoolbel/workflows"
)

// index holds what is looked up often, so that no question walks the whole file.
type index struct {
	people     map[string]int
	accounts   map[string]int // "slack:U0ANNA"
	emails     map[string]int
	services   map[string]int
	locations  map[string]int
	teams      map[string]int
	dependents map[string][]string // service → itself and all that need it
}

// New finishes a School whose fields are filled in. It trusts them: config has
// checked every name.
func New(s School) *School {
	s.index = index{
		people: map[string]int{}, accounts: map[string]int{}, emails: map[string]int{}, services: map[string]int{},
		locations: map[string]int{}, teams: map[string]int{}, dependents: map[string][]string{},
	}
	s.confide()
	for i, p := range s.People {
		s.people[p.Key] = i
		if p.Email != "" {
			s.emails[strings.ToLower(p.Email)] = i
		}
		for adapter, user := range p.Accounts {
			if user != "" { // or a message from nobody would be theirs
				s.accounts[adapter+":"+user] = i
			}
		}
	}
	for i, v := range s.Services {
		s.services[v.Key] = i
	}
	for i, l := range s.Locations {
		s.locations[l.Key] = i
	}
	for i, t := range s.Teams {
		s.teams[t.Key] = i
	}
	for _, v := range s.Services {
		s.dependents[v.Key] = s.needing(v.Key)
	}
	return &s
}

// needing walks the services that stop when this one does, near before far.
func (s *School) needing(key string) []string {
	found := []string{key}
	for i := 0; i < len(found); i++ {
		for _, v := range s.Services {
			if slices.Contains(v.DependsOn, found[i]) && !slices.Contains(found, v.Key) {
				found = append(found, v.Key)
			}
		}
	}
	return found
}

// Person finds a person by key.
func (s *School) Person(key string) (workflows.Person, bool) {
	p, ok := at(s.People, s.people, key)
	return p.Person, ok
}

// PersonOf finds a person with accounts and telephone.
func (s *School) PersonOf(key string) (Person, bool) { return at(s.People, s.people, key) }

// Account finds a person by account: adapter "slack", user "U0ANNA".
func (s *School) Account(adapter, user string) (Person, bool) {
	return at(s.People, s.accounts, adapter+":"+user)
}

// ByEmail finds a person by e-mail address, in capitals or not.
func (s *School) ByEmail(email string) (Person, bool) {
	return at(s.People, s.emails, strings.ToLower(strings.TrimSpace(email)))
}

// WithRole lists people who wear any of these roles.
func (s *School) WithRole(roles ...workflows.Role) []Person {
	var found []Person
	for _, p := range s.People {
		if slices.ContainsFunc(p.Roles, func(r workflows.Role) bool { return slices.Contains(roles, r) }) {
			found = append(found, p)
		}
	}
	return found
}

// Members lists the people of a team.
func (s *School) Members(team string) []Person {
	var found []Person
	for _, p := range s.People {
		if slices.Contains(p.Teams, team) {
			found = append(found, p)
		}
	}
	return found
}

// Team finds a team.
func (s *School) Team(key string) (Team, bool) { return at(s.Teams, s.teams, key) }

// Places are all places where the bot speaks by the file, each with what it is the
// place of. (The room of a desk is for people to go to.)
func (s *School) Places() map[string]string {
	places := map[string]string{}
	for _, t := range s.Teams {
		for _, p := range t.Room {
			places[p] = "teams." + t.Key
		}
	}
	for _, a := range s.Audiences {
		for _, p := range a.Places {
			places[p] = "audiences." + a.Key
		}
	}
	return places
}

// Location finds a location.
func (s *School) Location(key string) (Location, bool) { return at(s.Locations, s.locations, key) }

// Service finds a service with its aliases.
func (s *School) Service(key string) (Service, bool) { return at(s.Services, s.services, key) }

// ServiceOf finds a service by key.
func (s *School) ServiceOf(key string) (workflows.Service, bool) {
	v, ok := s.Service(key)
	return v.Service, ok
}

// Supplier finds a supplier.
func (s *School) Supplier(key string) (Supplier, bool) {
	i := slices.IndexFunc(s.Suppliers, func(v Supplier) bool { return v.Key == key })
	if i < 0 {
		return Supplier{}, false
	}
	return s.Suppliers[i], true
}

// HasLocation tells whether there is such a location.
func (s *School) HasLocation(key string) bool { _, ok := s.locations[key]; return ok }

// HasTeam tells whether there is such a team.
func (s *School) HasTeam(key string) bool { _, ok := s.teams[key]; return ok }

// TeamOf is the team that owns a service; the first team of the file when none does.
func (s *School) TeamOf(service string) string {
	if v, ok := s.Service(service); ok && v.Owner != "" {
		return v.Owner
	}
	if len(s.Teams) == 0 {
		return ""
	}
	return s.Teams[0].Key
}

// StandardChange finds a change that was authorised once and for all.
func (s *School) StandardChange(key string) (name, service string, ok bool) {
	for _, c := range s.Changes.Standard {
		if c.Key == key {
			return c.Name, c.Service, true
		}
	}
	return "", "", false
}

func at[T any](list []T, index map[string]int, key string) (T, bool) {
	i, ok := index[key]
	if !ok {
		var none T
		return none, false
	}
	return list[i], true
}
