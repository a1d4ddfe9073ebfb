package school

import "slices"

// Dependents lists the services that stop when this one does: itself first, then
// all that depend on it, near ones before far ones.
func (s *School) Dependents(service string) []string { return slices.Clone(s.dependents[service]) }

// Related tells whether two services are the same, or one needs the other.
func (s *School) Related(a, b string) bool {
	return a == b || slices.Contains(s.dependents[a], b) || slices.Contains(s.dependents[b], a)
}

// AudienceOf gives the places that must hear of an outage of this service at this
// location; an empty location is everywhere the service is used, and of a service
// that nobody knows, everybody hears.
func (s *School) AudienceOf(service, location string) []string {
	var locations []string
	switch {
	case location != "":
		locations = []string{location}
	case service != "":
		for _, key := range s.dependents[service] {
			v, _ := s.Service(key)
			if len(v.Locations) == 0 { // used everywhere
				locations = nil
				break
			}
			locations = append(locations, v.Locations...)
		}
	}
	var places []string
	for _, a := range s.Audiences {
		hit := locations == nil || slices.ContainsFunc(a.Locations, func(l string) bool { return slices.Contains(locations, l) })
		if !hit {
			continue
		}
		for _, p := range a.Places {
			if !slices.Contains(places, p) {
				places = append(places, p)
			}
		}
	}
	return places
}

// MailOf lists the addresses that hear of an outage when this place cannot.
func (s *School) MailOf(place string) []string {
	var addresses []string
	for _, a := range s.Audiences {
		if !slices.Contains(a.Places, place) {
			continue
		}
		for _, m := range a.Mail {
			if !slices.Contains(addresses, m) {
				addresses = append(addresses, m)
			}
		}
	}
	return addresses
}
