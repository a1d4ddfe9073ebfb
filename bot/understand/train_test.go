package understand

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"encoding/hex"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"schoolbel/workflows"
)

var update = flag.Bool("update", false, "learn the model anew from the corpus")

// powers are how much what a feature tells counts: a head is the mean of several, which
// go through the examples in another order and err in other places. The mean of linear
// models is a linear model: this costs nothing when a message is read.
var powers = []float64{0, 0, 0, 1, 1, 1}

// example is a message as the model sees it, with the right answers to each question.
type example struct {
	sample
	seen    *seen
	bag     bag
	rows    []row
	answers map[string]answers
}

// answers are those that are right, and how much this example counts.
type answers struct {
	right  []string
	weight float64
}

// examples reads messages as the model will see them.
func examples(t testing.TB, samples []sample) []*example {
	t.Helper()
	readers := map[string]*Reader{}
	for name, s := range schools(t) {
		readers[name] = New(s)
	}
	var out []*example
	for _, s := range samples {
		r := readers[s.school]
		seen := r.see(s.text, Setting{})
		out = append(out, &example{sample: s, seen: seen, bag: seen.features(s.text), answers: rightAnswers(r, s)})
	}
	return out
}

// rightAnswers turns labels into answers. Where the words do not tell, "unknown"
// is right, but two people could differ, so it counts half.
func rightAnswers(r *Reader, s sample) map[string]answers {
	out := map[string]answers{"intent": {[]string{s.intent}, 1}}
	if s.more != "*" {
		out["also"] = answers{[]string{yes(s.more == "also")}, 1}
	}
	if s.sensitive != "*" {
		out["sensitive"] = answers{[]string{s.sensitive}, 1}
	}
	if kinds[s.intent] != "" {
		out["impact"] = answers{[]string{s.impact}, 1}
		if s.impact == "*" {
			out["impact"] = answers{[]string{string(workflows.Unknown)}, 0.5}
		}
		out["urgency"] = answers{[]string{s.urgency}, 1}
		if s.urgency == "*" {
			out["urgency"] = answers{[]string{string(workflows.Medium)}, 0.3}
		}
	}
	switch s.service {
	case "*":
	case "":
		out["family"] = answers{[]string{noFamily}, 1}
	default:
		var right []string
		for f := range r.names.families[s.service] {
			right = append(right, f)
		}
		if slices.Sort(right); len(right) > 0 {
			out["family"] = answers{right, 1}
		}
	}
	return out
}

// questions are what the model answers, and with what.
func questions() []head {
	families := []string{noFamily}
	for _, f := range words().names {
		families = append(families, f.key)
	}
	level := func(list ...workflows.Level) (out []string) {
		for _, l := range list {
			out = append(out, string(l))
		}
		return out
	}
	return []head{
		{Name: "intent", Answers: intents},
		{Name: "also", Answers: []string{"n", "y"}},
		{Name: "sensitive", Answers: []string{"n", "y"}},
		{Name: "impact", Answers: level(workflows.Unknown, workflows.Small, workflows.Medium, workflows.Large)},
		{Name: "urgency", Answers: level(workflows.Low, workflows.Medium, workflows.High)},
		{Name: "family", Answers: families},
	}
}

const (
	seldom   = 2  // a feature that fewer messages show says nothing about others
	rounds   = 12 // times that all examples are gone through
	pace     = 0.5
	parts    = 5 // the examples are cut by hand into so many, to learn from the others
	heatStep = 0.05
)

// learn makes a model of examples.
func learn(list []*example) *model {
	m := &model{}
	count := map[uint32]int{}
	for _, e := range list {
		for _, f := range e.bag.list {
			count[f.name]++
		}
	}
	for f, n := range count {
		if n >= seldom {
			m.Features = append(m.Features, f)
		}
	}
	slices.Sort(m.Features)
	m.Heads = questions()
	m.index()
	for _, e := range list {
		e.rows = m.known(&e.bag)
	}
	for i := range m.Heads {
		h := &m.Heads[i]
		sum := make([]float64, len(m.Features)*len(h.Answers))
		for seed, power := range powers {
			for k, v := range fit(h, worth(h, len(m.Features), list, power), list, uint64(seed)) {
				sum[k] += v / float64(len(powers))
			}
		}
		h.Heat = 1
		h.quantise(sum)
	}
	m.index()
	return m
}

// worth is how much each feature tells of a head's answers: how far it is from
// being as common with one of them as with all others, as a logarithm. The learner
// begins with what tells much; power 0 lets all be equal.
func worth(h *head, features int, list []*example, power float64) []float64 {
	n := len(h.Answers)
	shown, all, total := make([]float64, features*n), make([]float64, n), 0.0
	for _, e := range list {
		a, ok := e.answers[h.Name]
		if !ok {
			continue
		}
		for k, answer := range h.Answers {
			if !slices.Contains(a.right, answer) {
				continue
			}
			all[k]++
			total++
			for _, r := range e.rows {
				shown[r.at*n+k]++
			}
		}
	}
	out := make([]float64, features)
	for f := range out {
		most, sum := 0.0, 0.0
		for k := range n {
			sum += shown[f*n+k]
		}
		for k := range n {
			if all[k] == 0 {
				continue
			}
			part := all[k] / total
			with, without := (shown[f*n+k]+2*part)/all[k], (sum-shown[f*n+k]+2*(1-part))/(total-all[k])
			most = max(most, math.Abs(math.Log(with/without)))
		}
		out[f] = math.Pow(min(max(most, 0.2), 3), power)
	}
	return out
}

// fit learns one head: logistic regression by AdaGrad, the mean of its last rounds.
func fit(h *head, tells []float64, list []*example, seed uint64) []float64 {
	n := len(h.Answers)
	w, g, mean := make([]float64, len(tells)*n), make([]float64, len(tells)*n), make([]float64, len(tells)*n)
	var use []*example
	for _, e := range list {
		if _, ok := e.answers[h.Name]; ok {
			use = append(use, e)
		}
	}
	random := rand.New(rand.NewPCG(1, seed))
	sums, right := make([]float64, n), make([]bool, n)
	for round := range rounds {
		random.Shuffle(len(use), func(i, j int) { use[i], use[j] = use[j], use[i] })
		for _, e := range use {
			a := e.answers[h.Name]
			clear(sums)
			for _, r := range e.rows {
				for k := range n {
					sums[k] += w[r.at*n+k] * r.share * tells[r.at]
				}
			}
			likely, mass := softmax(sums), 0.0
			for k, answer := range h.Answers {
				if right[k] = slices.Contains(a.right, answer); right[k] {
					mass += likely[k]
				}
			}
			for k := range n {
				d := likely[k]
				if right[k] {
					d -= likely[k] / mass
				}
				if d *= a.weight; d == 0 {
					continue
				}
				for _, r := range e.rows {
					i, slope := r.at*n+k, d*r.share*tells[r.at]
					g[i] += slope * slope
					w[i] -= pace * slope / (1e-3 + math.Sqrt(g[i]))
				}
			}
		}
		if round >= rounds/2 {
			for i := range w {
				mean[i] += w[i]
			}
		}
	}
	for i := range mean {
		mean[i] *= tells[i/n] / float64(rounds-rounds/2)
	}
	return mean
}

// quantise keeps weights as bytes.
func (h *head) quantise(weights []float64) {
	most := 0.0
	for _, v := range weights {
		most = max(most, math.Abs(v))
	}
	h.Scale = max(most, 1e-9) / 127
	h.Weights = make([]int8, len(weights))
	for i, v := range weights {
		h.Weights[i] = int8(math.Round(v / h.Scale))
	}
}

// told is what a model that never saw an example says of it.
type told struct {
	*example
	likely map[string][]float64
}

// blind lets each part of the examples be read by a model that learned from the others.
func blind(list []*example) []told {
	names := []string{}
	for _, e := range list {
		if !slices.Contains(names, e.hand) {
			names = append(names, e.hand)
		}
	}
	var out []told
	for part := range parts {
		var from, to []*example
		for _, e := range list {
			if slices.Index(names, e.hand)%parts == part {
				to = append(to, e)
			} else {
				from = append(from, e)
			}
		}
		m := learn(from)
		for _, e := range to {
			out = append(out, m.tell(e))
		}
	}
	return out
}

func (m *model) tell(e *example) told {
	rows := m.known(&e.bag)
	o := told{e, map[string][]float64{}}
	for i := range m.Heads {
		o.likely[m.Heads[i].Name] = m.answer(m.Heads[i].Name, rows)
	}
	return o
}

// warm finds the heat at which a head is as sure as it is right.
func (h *head) warm(list []told) {
	loss := func(heat float64) float64 {
		sum := 0.0
		for _, e := range list {
			a, ok := e.answers[h.Name]
			if !ok {
				continue
			}
			logs := make([]float64, len(h.Answers))
			for k, p := range e.likely[h.Name] {
				logs[k] = math.Log(p+1e-12) / heat
			}
			p := 0.0
			for k, v := range softmax(logs) {
				if slices.Contains(a.right, h.Answers[k]) {
					p += v
				}
			}
			sum -= a.weight * math.Log(p+1e-12)
		}
		return sum
	}
	best := math.Inf(1)
	for heat := 0.3; heat < 4; heat += heatStep {
		if l := loss(heat); l < best {
			best, h.Heat = l, heat
		}
	}
}

// learnChoice learns which service is meant, from what blind models say of families.
func learnChoice(list []told) []float64 {
	w, g := make([]float64, places()), make([]float64, places())
	var use []told
	for _, e := range list {
		if e.service != "*" {
			use = append(use, e)
		}
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 4 * rounds {
		random.Shuffle(len(use), func(i, j int) { use[i], use[j] = use[j], use[i] })
		for _, e := range use {
			options := e.seen.options(e.likely["family"])
			likely := choose(options, w)
			for i, o := range options {
				d := likely[i] - truth(o.service == e.service)
				for k, v := range o.signs {
					if v == 0 {
						continue
					}
					g[k] += d * v * d * v
					w[k] -= 0.1 * d * v / (1e-3 + math.Sqrt(g[k]))
				}
			}
		}
	}
	return w
}

// training are the examples that may be learned from.
func training(t testing.TB) []*example {
	return examples(t, slices.DeleteFunc(hands(t), func(s sample) bool { return s.held }))
}

// digest names what a model is learned from: what the examples show, and the way.
func digest(t testing.TB, list []*example) string {
	t.Helper()
	sum := sha256.New()
	way, err := os.ReadFile("train_test.go")
	if err != nil {
		t.Fatal(err)
	}
	sum.Write(way)
	for _, e := range list {
		e.lang, e.role = "", ""
		sum.Write([]byte(e.intent + e.more + e.service + e.impact + e.urgency + e.sensitive))
		for _, f := range e.bag.list {
			sum.Write(binary.LittleEndian.AppendUint32(nil, f.name))
			sum.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(f.value)))
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// TestModel fails when the model is not what the corpus teaches; make model learns
// it anew.
func TestModel(t *testing.T) {
	list := training(t)
	want := digest(t, list)
	if !*update {
		if learned().Corpus != want {
			t.Error("the corpus, the lists or the features changed: run make model")
		}
		return
	}
	seenBlind := blind(list)
	m := learn(list)
	for i := range m.Heads {
		m.Heads[i].warm(seenBlind)
	}
	m.Choice, m.Corpus = learnChoice(seenBlind), want
	var file bytes.Buffer
	zip, err := gzip.NewWriterLevel(&file, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if err := gob.NewEncoder(zip).Encode(m); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("model/model.gob.gz", file.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	for i := range m.Heads {
		h, right, all := &m.Heads[i], 0, 0
		for _, e := range seenBlind {
			if a, ok := e.answers[h.Name]; ok && a.weight == 1 {
				all++
				if best, _ := h.best(e.likely[h.Name]); slices.Contains(a.right, best) {
					right++
				}
			}
		}
		t.Logf("%-10s %.1f %% of %d, read by models that learned from other hands", h.Name, 100*float64(right)/float64(all), all)
	}
	right, all := 0, 0
	for _, e := range seenBlind {
		if e.service == "*" {
			continue
		}
		all++
		options := e.seen.options(e.likely["family"])
		if options[likeliest(choose(options, m.Choice))].service == e.service {
			right++
		}
	}
	t.Logf("%-10s %.1f %% of %d", "service", 100*float64(right)/float64(all), all)
	t.Logf("%d messages, %d features, %d kB", len(list), len(m.Features), file.Len()/1024)
}
