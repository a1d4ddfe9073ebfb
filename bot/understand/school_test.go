package understand

import (
	"strings"

	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// linde is the part of the example school that understanding looks at.
func linde() *school.School {
	service := func(key, name, aliases, needs string) school.Service {
		s := school.Service{Service: workflows.Service{Key: key, Name: name}}
		for a := range strings.SplitSeq(aliases, ", ") {
			s.Aliases = append(s.Aliases, a)
		}
		s.DependsOn = strings.Fields(needs)
		s.ExamCritical = key == "facet"
		s.Critical = strings.Contains("internet wifi magister sso facet", key)
		return s
	}
	return school.New(school.School{
		Organisation: school.Organisation{Name: "Scholengroep De Linde", Locale: "nl"},
		Locations: []school.Location{
			{Key: "noord", Name: "Locatie Noord", Aliases: []string{"Noord", "De Linde Noord"}},
			{Key: "zuid", Name: "Locatie Zuid", Aliases: []string{"Zuid", "dependance Zuid"}},
			{Key: "centrum", Name: "Locatie Centrum", Aliases: []string{"Centrum", "hoofdgebouw", "Stationsplein"}},
		},
		Services: []school.Service{
			service("internet", "Internet", "internetverbinding, verbinding", ""),
			service("wifi", "Wifi", "wi-fi, draadloos, draadloos netwerk, wlan, schoolwifi", "internet"),
			service("magister", "Magister", "mag, absentieregistratie, cijfers", "internet sso"),
			service("zermelo", "Zermelo", "rooster, roosters, lesrooster, zportal", "internet sso"),
			service("sso", "Inloggen (SSO)", "inloggen, inlog, aanmelden, login, wachtwoord, mfa, account", "internet"),
			service("m365", "Microsoft 365", "teams, outlook, mail, e-mail, onedrive, sharepoint, word, office", "internet sso"),
			service("facet", "Facet", "examenomgeving, digitaal examen", "internet wifi"),
			service("digibord", "Digiborden", "digibord, smartboard, bord, beamer, projector, touchscreen", ""),
			service("laptop", "Laptops", "laptop, chromebook, notebook, werkplek, pc, computer", ""),
			service("printen", "Printen", "printer, printers, kopieerapparaat, kopieermachine, papercut, follow-me", ""),
			service("telefonie", "Telefonie", "telefoon, vaste telefoon, bellen", ""),
			service("elo", "ELO", "itslearning, leeromgeving, elektronische leeromgeving", "internet sso"),
		},
		Priorities: school.Priorities{Matrix: map[workflows.Level]map[workflows.Level]workflows.Priority{
			workflows.Large:  {workflows.High: workflows.P1, workflows.Medium: workflows.P2, workflows.Low: workflows.P3},
			workflows.Medium: {workflows.High: workflows.P2, workflows.Medium: workflows.P3, workflows.Low: workflows.P4},
			workflows.Small:  {workflows.High: workflows.P3, workflows.Medium: workflows.P4, workflows.Low: workflows.P4},
		}},
	})
}
