package understand

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/gob"
	"math"
	"sync"
)

//go:embed model/model.gob.gz
var modelFile []byte

// model is what was learned from the corpus: for each question (head) and each of
// its answers a weight for every feature. It is linear, so that what made it decide
// can be read off and said.
type model struct {
	Corpus   string // digest of what it was learned from
	Features []uint32
	Heads    []head
	Choice   []float64 // weights of which service is meant
	rows     map[uint32]int
	byName   map[string]*head
}

// head is one question and its answers.
type head struct {
	Name    string
	Answers []string
	Scale   float64 // what a weight of 1 is worth
	Heat    float64 // above 1 makes it less sure; so that 0.8 is right 8 times of 10
	Weights []int8  // Answers for each feature
}

// learned is the model, read once.
var learned = sync.OnceValue(func() *model {
	m, err := readModel(modelFile)
	if err != nil {
		panic(err) // an embedded file that cannot be read: the program was built wrong
	}
	return m
})

func readModel(file []byte) (*model, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	m := &model{}
	if err := gob.NewDecoder(unzip).Decode(m); err != nil {
		return nil, err
	}
	m.index()
	return m, nil
}

func (m *model) index() {
	m.rows, m.byName = make(map[uint32]int, len(m.Features)), map[string]*head{}
	for i, f := range m.Features {
		m.rows[f] = i
	}
	for i := range m.Heads {
		m.byName[m.Heads[i].Name] = &m.Heads[i]
	}
}

// row is a feature that the model knows: where its weights stand, and its share of
// the message.
type row struct {
	at    int
	share float64
}

// known gives the rows of the features that the model has.
func (m *model) known(b *bag) []row {
	rows, size := make([]row, 0, len(b.list)), b.size()
	for _, f := range b.list {
		if at, ok := m.rows[f.name]; ok {
			rows = append(rows, row{at, float64(f.value) / size})
		}
	}
	return rows
}

// answer gives how likely each answer to a question is. The sum is 1.
func (m *model) answer(question string, rows []row) []float64 {
	h := m.byName[question]
	sums := make([]float64, len(h.Answers))
	for _, r := range rows {
		for k, w := range h.Weights[r.at*len(sums) : (r.at+1)*len(sums)] {
			sums[k] += float64(w) * r.share
		}
	}
	for k := range sums {
		sums[k] *= h.Scale / h.Heat
	}
	return softmax(sums)
}

func softmax(sums []float64) []float64 {
	most, total := math.Inf(-1), 0.0
	for _, v := range sums {
		most = max(most, v)
	}
	for k := range sums {
		sums[k] = math.Exp(sums[k] - most)
		total += sums[k]
	}
	for k := range sums {
		sums[k] /= total
	}
	return sums
}

// best is the answer that is most likely, and how likely it is.
func (h *head) best(likely []float64) (string, float64) {
	b := likeliest(likely)
	return h.Answers[b], likely[b]
}

// likeliest is which one it is; the first of equals.
func likeliest(likely []float64) int {
	b := 0
	for k, p := range likely {
		if p > likely[b] {
			b = k
		}
	}
	return b
}

// second is the answer that is likeliest after the best.
func (h *head) second(likely []float64) string {
	best, _ := h.best(likely)
	b := -1
	for k, p := range likely {
		if h.Answers[k] != best && (b < 0 || p > likely[b]) {
			b = k
		}
	}
	return h.Answers[b]
}

// chance is how likely one answer is.
func (h *head) chance(likely []float64, answer string) float64 {
	for k, a := range h.Answers {
		if a == answer {
			return likely[k]
		}
	}
	return 0
}

// speaks is how much a feature speaks for one answer against the others.
func (m *model) speaks(question, answer string, f uint32) float64 {
	row, ok := m.rows[f]
	if !ok {
		return 0
	}
	h := m.byName[question]
	own, rest := 0.0, 0.0
	for k, w := range h.Weights[row*len(h.Answers) : (row+1)*len(h.Answers)] {
		if h.Answers[k] == answer {
			own = float64(w)
		} else {
			rest += float64(w)
		}
	}
	return (own - rest/float64(len(h.Answers)-1)) * h.Scale
}
