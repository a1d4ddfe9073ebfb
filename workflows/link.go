package workflows

// LinkType names how two records belong together, read from From to To.
type LinkType string

// Link ties two records. It is kept once and shown from both ends.
type Link struct {
	From Ref
	Type LinkType
	To   Ref
}

// LinkRule says between which kinds a link may stand; an empty kind is any.
type LinkRule struct {
	From Kind
	Type LinkType
	To   Kind
}

// Links are the twelve relations of Kennisnet's page "Beheerprocessen" (edges 2
// and 9 to 11 included) and, after the empty line, the five that practice asks
// for. All others are refused.
var Links = []LinkRule{
	{"vulnerability", "input_for", "patch"},
	{"patch", "carried_out_as", "change"},
	{"incident", "prompts", "patch"},
	{"incident", "leads_to", "change"},
	{"problem", "leads_to", "change"},
	{"incident", "evaluated_in", "problem"},
	{"problem", "supports", "incident"},
	{"item", "supports", "incident"},
	{"item", "supports", "problem"},
	{"item", "informs", "change"},
	{"change", "updates", "item"},
	{"incident", "escalated_to", "crisis"},

	{"change", "caused", "incident"},
	{"incident", "duplicate_of", "incident"},
	{"task", "part_of", ""},
	{"vulnerability", "affects", "item"},
	{"patch", "affects", "item"},
}

// LinksBetween lists the link types that may stand from one kind to another.
func LinksBetween(from, to Kind) []LinkType {
	var types []LinkType
	for _, l := range Links {
		if l.From == from && (l.To == to || l.To == "") {
			types = append(types, l.Type)
		}
	}
	return types
}
