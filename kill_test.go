package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"schoolbel/adapters/matrix/matrixtest"
	"schoolbel/adapters/slack/slackfake"
	"schoolbel/store"
	"schoolbel/store/storetest"
)

// asProgram makes this test binary be the program itself, so that it can be killed.
const asProgram = "SCHOOLBEL_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	code := m.Run()
	matrixtest.Close()
	os.Exit(code)
}

// program is one running schoolbel in a process of its own.
type program struct {
	cmd  *exec.Cmd
	host string
	log  *bytes.Buffer
}

var addressOf = regexp.MustCompile(`http://([0-9.:]+)/status`)

// launch starts the program and waits until it says where it listens.
func launch(t *testing.T, environ []string) *program {
	t.Helper()
	p := &program{cmd: exec.Command(os.Args[0]), log: &bytes.Buffer{}}
	p.cmd.Env = append(append(os.Environ(), asProgram+"=1"), environ...)
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := addressOf.FindStringSubmatch(lines.Text()); m != nil {
			p.host = m[1]
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return p
		}
	}
	_ = p.cmd.Wait()
	t.Fatalf("the program did not start:\n%s", p.log)
	return nil
}

// kill is kill -9.
func (p *program) kill() {
	_ = p.cmd.Process.Kill() // it may be gone
	_ = p.cmd.Wait()         // says that it was killed
}

// The same program is killed at random moments while people report and Slack
// fails in every way it can: each acknowledged report is one record, each reporter
// is answered, and nothing is said twice.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); survive(t, filepath.Join(t.TempDir(), "schoolbel.db"), 1) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); survive(t, storetest.Postgres(t), 2) })
}

const (
	killings = 6
	each     = 20 // reports of each person
)

var reporters = strings.Fields("U0ANNA U0PETER U0FATIMA U0NOOR U0BRAM U0SANNE")

func survive(t *testing.T, database string, processes int) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	h := build(t, database, 0)
	h.slack.Fault(faults(seed))
	environ := append(h.environ(database), "SCHOOLBEL_LOG_LEVEL=warn")
	crew := &crew{programs: make([]*program, processes), acked: make(chan struct{}, len(reporters)*each)}
	for i := range crew.programs {
		crew.programs[i] = launch(t, environ)
	}
	t.Cleanup(func() {
		for _, p := range crew.programs {
			p.kill()
			if t.Failed() {
				t.Logf("the end of its log:\n%s", p.log.Bytes()[max(0, p.log.Len()-2000):])
			}
		}
	})

	var going sync.WaitGroup
	for n, user := range reporters {
		going.Go(func() { crew.report(t, h.slack, user, n) })
	}
	for killed := range killings {
		for range 1 + random.IntN(len(reporters)*each/killings) {
			<-crew.acked
		}
		crew.replace(t, killed%processes, environ)
	}
	going.Wait()
	h.slack.Fault(nil)
	count(t, h, database)
}

// crew are the processes that are up, as the load sees them.
type crew struct {
	sync.Mutex
	programs []*program
	acked    chan struct{}
}

func (c *crew) host(n int) string {
	c.Lock()
	defer c.Unlock()
	return c.programs[n%len(c.programs)].host
}

func (c *crew) replace(t *testing.T, i int, environ []string) {
	c.Lock()
	old := c.programs[i]
	c.Unlock()
	old.kill()
	fresh := launch(t, environ)
	c.Lock()
	defer c.Unlock()
	c.programs[i] = fresh
}

// report says things one after another, and each again until it is acknowledged,
// as Slack does; now and then once more after that.
func (c *crew) report(t *testing.T, slack *slackfake.Fake, user string, person int) {
	room := slack.DM(user)
	for n := range each {
		body := slackEvent(fmt.Sprintf("Ev%d-%d", person, n), user, room, fmt.Sprintf("storing: printer-%d-%d stuk", person, n))
		for try := 0; ; try++ {
			if deliver(t.Context(), c.host(person+n+try), body) {
				break
			}
			if t.Context().Err() != nil {
				t.Errorf("%s was never acknowledged", body)
				return
			}
		}
		if n%5 == 0 {
			deliver(t.Context(), c.host(person+n+1), body)
		}
		c.acked <- struct{}{}
	}
}

// deliver posts one event and tells whether it was acknowledged.
func deliver(ctx context.Context, host string, body []byte) bool {
	head, content, _ := bytes.Cut(signed(host, "/slack/events", "application/json", body, time.Now()), []byte("\r\n\r\n"))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+host+"/slack/events", bytes.NewReader(content))
	if err != nil {
		return false
	}
	for _, line := range strings.Split(string(head), "\r\n")[1:] {
		if name, value, ok := strings.Cut(line, ": "); ok {
			r.Header.Set(name, value)
		}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// faults is a Slack that fails in every way, seldom enough to end today.
func faults(seed uint64) func(string, int) *slackfake.Trouble {
	random := rand.New(rand.NewPCG(seed, 1))
	return func(method string, n int) *slackfake.Trouble {
		if method == "chat.postMessage" && n == 20 {
			return &slackfake.Trouble{Store: true, Hang: true}
		}
		switch random.IntN(60) {
		case 0:
			return &slackfake.Trouble{Status: http.StatusTooManyRequests, RetryAfter: 1}
		case 1:
			return &slackfake.Trouble{Status: http.StatusInternalServerError}
		case 2:
			return &slackfake.Trouble{Status: http.StatusInternalServerError, Store: true}
		case 3:
			return &slackfake.Trouble{Drop: true}
		case 4:
			return &slackfake.Trouble{Drop: true, Store: true}
		}
		return nil
	}
}

// count waits until nothing is under way and holds what people saw against what
// was reported.
func count(t *testing.T, h *play, database string) {
	s, err := store.Open(t.Context(), database, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // only read
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		due, err := s.Due(ctx)
		if err != nil {
			t.Fatal(err)
		}
		waiting, err := s.Waiting(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if due+waiting == 0 {
			break
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatalf("%d jobs and %d messages never ended", due, waiting)
		}
	}
	cards, answers := h.slack.Said("C0ICT"), 0
	for n, user := range reporters {
		told := h.slack.Said(user)
		for i := range each {
			title := fmt.Sprintf("printer-%d-%d stuk", n, i)
			var refs []string
			for _, m := range cards {
				if strings.Contains(m.Shown(), title) {
					refs = append(refs, refOf.FindString(m.Shown()))
				}
			}
			if len(refs) != 1 {
				t.Errorf("%q has %d cards: %v", title, len(refs), refs)
				continue
			}
			said := 0
			for _, m := range told {
				if refOf.FindString(m.Shown()) == refs[0] {
					said++
				}
			}
			if said != 1 {
				t.Errorf("%q was answered %d times", title, said)
			}
			answers += said
		}
	}
	if len(cards) != len(reporters)*each || answers != len(reporters)*each {
		t.Errorf("%d reports gave %d cards and %d answers", len(reporters)*each, len(cards), answers)
	}
	report, err := s.Verify(ctx, nil)
	if err != nil || len(report.Breaks) > 0 || int(report.Records) != len(reporters)*each {
		t.Errorf("%v %v", report, err)
	}
}

var refOf = regexp.MustCompile(`INC-\d+`)
