package incident

import w "schoolbel/workflows"

// prioritise sets the priority from impact and urgency by the school's matrix,
// with the floors of domain.md 4.3. An agent's own word stands above all of it.
func prioritise(s *w.Step) {
	r := s.Record
	switch r.Field("type") {
	case "data_breach", "attack":
		r.Sensitive = r.Sensitive || s.Before == nil || s.Before.Field("type") != r.Field("type")
	}
	breach(s)
	if r.Field("overruled") != "" {
		return
	}
	if duringExam(s) {
		r.Impact, r.Urgency = w.Large, w.High
	}
	r.Priority = s.School.PriorityOf(r.Impact, r.Urgency)
	switch r.Field("type") {
	case "attack":
		r.Priority = w.P1
	case "data_breach":
		if r.Priority == "" || r.Priority > w.P2 {
			r.Priority = w.P2
		}
	}
}

// duringExam tells whether an exam suffers: it was said so, or a service that
// exams need is hit while they are on.
func duringExam(s *w.Step) bool {
	if s.Record.Field("exam") == "yes" {
		return true
	}
	service, ok := s.School.ServiceOf(s.Record.Service)
	return ok && service.ExamCritical && s.School.ExamAt(s.Now) && s.Record.Field("exam") != "no"
}
