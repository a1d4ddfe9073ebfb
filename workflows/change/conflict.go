package change

import (
	"context"
	"slices"
	"strings"
	"time"

	w "schoolbel/workflows"
)

func moment(r *w.Record, field string) time.Time { return parse(r.Field(field)) }

func parse(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// closed are the exams and freezes of a window, such as "freeze Toetsweek".
func closed(school w.Catalogue, from, to string) []string {
	begin, end := parse(from), parse(to)
	if begin.IsZero() || end.IsZero() {
		return nil
	}
	var names []string
	for _, p := range school.ClosedPeriods(begin, end) {
		names = append(names, p.Kind+" "+p.Name)
	}
	return names
}

// passable refuses a window in an exam or a freeze, but for an emergency and for
// what somebody with the right hat let through.
func passable(s *w.Step) error {
	r := s.Record
	if r.Field("type") == "emergency" {
		return nil
	}
	let := strings.Split(r.Field("overruled"), "\n")
	for _, name := range closed(s.School, r.Field("from"), r.Field("until")) {
		if !slices.Contains(let, name) {
			_, period, _ := strings.Cut(name, " ")
			return w.Refuse(w.Invalid, Kind, "error.change.closed", period, s.School.Overrulers(), r.Ref.String())
		}
	}
	return nil
}

// look notes what stands in the way of the window, one a line: "change CHG-3",
// "busy CHG-4", "incident INC-5", "freeze Toetsweek", "hours wifi".
func look(ctx context.Context, s *w.Step) error {
	r := s.Record
	from, to := moment(r, "from"), moment(r, "until")
	if r.Field("from") == "" || to.IsZero() {
		r.SetField("conflicts", "")
		return nil
	}
	found := closed(s.School, r.Field("from"), r.Field("until"))
	if r.Service != "" && !s.School.MayWork(r.Service, from, to) {
		found = append(found, "hours "+r.Service)
	}
	err := each(ctx, s.Tx, w.Filter{Kinds: []w.Kind{Kind}, Open: true, Public: true}, func(other *w.Record) {
		begin, end := moment(other, "from"), moment(other, "until")
		if other.Ref == r.Ref || begin.IsZero() || end.IsZero() || !begin.Before(to) || !end.After(from) || !moment(other, "ended_at").IsZero() {
			return
		}
		if r.Service != "" && other.Service != "" && s.School.Related(r.Service, other.Service) {
			found = append(found, "change "+other.Ref.String())
		}
		if mine := worker(r); mine != "" && mine == worker(other) {
			found = append(found, "busy "+other.Ref.String())
		}
	})
	if err != nil {
		return err
	}
	if r.Service != "" {
		err = each(ctx, s.Tx, w.Filter{Kinds: []w.Kind{"incident"}, Open: true, Public: true}, func(other *w.Record) {
			major := other.Priority == w.P1 || other.Field("major") != ""
			if major && other.State != "resolved" && other.Service != "" && s.School.Related(r.Service, other.Service) {
				found = append(found, "incident "+other.Ref.String())
			}
		})
	}
	r.SetField("conflicts", strings.Join(found, "\n"))
	return err
}

// worker is who does the work.
func worker(r *w.Record) string {
	if who := r.Field("implementer"); who != "" {
		return who
	}
	return r.Owner
}

// each reads all records that fit, page by page.
func each(ctx context.Context, from w.Reader, f w.Filter, do func(*w.Record)) error {
	for f.Limit = 200; ; {
		found, next, err := from.Find(ctx, f)
		if err != nil {
			return err
		}
		for _, r := range found {
			do(r)
		}
		if next == "" {
			return nil
		}
		f.After = next
	}
}
