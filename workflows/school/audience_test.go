package school_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

func TestWhoMustHearOfAnOutage(t *testing.T) {
	s := built()
	noord, zuid, centrum, hall := "slack:C0NOORD", "slack:C0ZUID", "slack:C0CENTRUM", "slack:C0HAL"
	for _, c := range []struct {
		name, service, location string
		want                    []string
	}{
		{"one building", "wifi", "centrum", []string{centrum}},
		{"a room that hears of two buildings", "wifi", "noord", []string{noord, hall}},
		{"a room that stands in two audiences", "wifi", "zuid", []string{zuid, hall}},
		{"the building, whatever service", "", "centrum", []string{centrum}},
		{"everywhere it is used", "printen", "", []string{zuid, hall}},
		{"nothing depends on it", "facet", "", []string{centrum}},
		{"what depends on it stops as well", "wifi", "", []string{noord, zuid, hall, centrum}},
		{"and what depends on that", "internet", "", []string{noord, zuid, hall, centrum}},
		{"used everywhere", "magister", "", []string{noord, zuid, hall, centrum}},
		{"needed by one that is used everywhere", "sso", "", []string{noord, zuid, hall, centrum}},
		{"nobody knows what or where", "", "", []string{noord, zuid, hall, centrum}},
		{"a service that left the school file", "fax", "", []string{noord, zuid, hall, centrum}},
		{"a location that left it", "wifi", "west", nil},
	} {
		got := s.AudienceOf(c.service, c.location)
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
}

func TestWhatStopsWithAService(t *testing.T) {
	s := built()
	for service, want := range map[string][]string{
		"internet": {"internet", "wifi", "facet"}, // near before far
		"wifi":     {"wifi", "facet"},
		"facet":    {"facet"},
		"sso":      {"sso", "magister"},
		"fax":      nil,
	} {
		if got := s.Dependents(service); !slices.Equal(got, want) {
			t.Errorf("%s: %v, not %v", service, got, want)
		}
	}
	s.Dependents("internet")[0] = "scribbled"
	if got := s.Dependents("internet")[0]; got != "internet" {
		t.Errorf("who asked could write %q into the school", got)
	}
}

func TestRelatedServices(t *testing.T) {
	s := built()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"wifi", "wifi", true},
		{"fax", "fax", true},
		{"wifi", "internet", true},
		{"facet", "internet", true},
		{"magister", "sso", true},
		{"magister", "wifi", false},
		{"printen", "internet", false},
		{"fax", "internet", false},
	} {
		if s.Related(c.a, c.b) != c.want || s.Related(c.b, c.a) != c.want {
			t.Errorf("%s and %s: related is not %t", c.a, c.b, c.want)
		}
	}
	plan := linde()
	plan.Services[4].DependsOn = []string{"internet"} // sso, so that wifi and sso need the same
	if school.New(plan).Related("wifi", "sso") {
		t.Error("two services that need a third do not need each other")
	}
}

// config refuses a ring; a School that has one all the same must not hang.
func TestARingOfServices(t *testing.T) {
	plan := linde()
	plan.Services = nil
	for i, key := range []string{"a", "b", "c", "alone"} {
		needs := []string{[]string{"c", "a", "b", "alone"}[i]}
		plan.Services = append(plan.Services, school.Service{Service: workflows.Service{Key: key, DependsOn: needs, Locations: []string{"zuid"}}})
	}
	s := school.New(plan)
	if got := s.Dependents("a"); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("the ring from a: %v", got)
	}
	if got := s.Dependents("alone"); !slices.Equal(got, []string{"alone"}) {
		t.Errorf("what needs itself: %v", got)
	}
	if got := s.AudienceOf("b", ""); !slices.Equal(got, []string{"slack:C0ZUID", "slack:C0HAL"}) {
		t.Errorf("the ring is heard of in %v", got)
	}
}

// Any net of services, rings among them: the school agrees with following the
// needs one by one, and no room is told twice.
func TestLawsOfTheAudience(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := linde()
		plan.Services = nil
		var keys, places []string
		for i := range rapid.IntRange(1, 8).Draw(t, "services") {
			keys = append(keys, fmt.Sprint("service", i))
		}
		buildings := rapid.SampledFrom([]string{"noord", "zuid", "centrum"})
		for _, key := range keys {
			plan.Services = append(plan.Services, school.Service{Service: workflows.Service{
				Key:       key,
				DependsOn: rapid.SliceOfN(rapid.SampledFrom(keys), 0, 3).Draw(t, key+" needs"),
				Locations: rapid.SliceOfN(buildings, 0, 2).Draw(t, key+" is used at"),
			}})
		}
		s := school.New(plan)

		var needs func(from, to string, seen map[string]bool) bool
		needs = func(from, to string, seen map[string]bool) bool {
			if from == to {
				return true
			}
			if seen[from] {
				return false
			}
			seen[from] = true
			v, _ := s.Service(from)
			return slices.ContainsFunc(v.DependsOn, func(next string) bool { return needs(next, to, seen) })
		}
		broken := rapid.SampledFrom(keys).Draw(t, "broken")
		stops, used, everywhere := s.Dependents(broken), map[string]bool{}, false
		for _, key := range keys {
			want := needs(key, broken, map[string]bool{})
			if slices.Contains(stops, key) != want {
				t.Errorf("%s stops with %s: not %t", key, broken, want)
			}
			if related := want || needs(broken, key, map[string]bool{}); s.Related(key, broken) != related || s.Related(broken, key) != related {
				t.Errorf("%s and %s: related is not %t", key, broken, related)
			}
			if v, _ := s.Service(key); want {
				everywhere = everywhere || len(v.Locations) == 0
				for _, l := range v.Locations {
					used[l] = true
				}
			}
		}
		if stops[0] != broken || len(slices.Compact(slices.Sorted(slices.Values(stops)))) != len(stops) {
			t.Errorf("%s stops %v", broken, stops)
		}
		for _, a := range s.Audiences {
			if everywhere || slices.ContainsFunc(a.Locations, func(l string) bool { return used[l] }) {
				places = append(places, a.Places...)
			}
		}
		slices.Sort(places)
		told := slices.Sorted(slices.Values(s.AudienceOf(broken, "")))
		if !slices.Equal(told, slices.Compact(places)) {
			t.Errorf("told %v, used at %v", told, used)
		}
	})
}

// The addresses of every audience that has the place, each once; others have none.
func TestWhoStandsInForAPlace(t *testing.T) {
	s := school.New(school.School{Audiences: []school.Audience{
		{Key: "a", Places: []string{"slack:C1", "slack:C2"}, Mail: []string{"a@x.example", "b@x.example"}},
		{Key: "b", Places: []string{"slack:C2"}, Mail: []string{"b@x.example", "c@x.example"}},
		{Key: "c", Places: []string{"slack:C3"}},
	}})
	for place, want := range map[string][]string{
		"slack:C1": {"a@x.example", "b@x.example"}, "slack:C2": {"a@x.example", "b@x.example", "c@x.example"}, "slack:C3": nil, "slack:C4": nil,
	} {
		if got := s.MailOf(place); !slices.Equal(got, want) {
			t.Errorf("%s: %v, not %v", place, got, want)
		}
	}
}
