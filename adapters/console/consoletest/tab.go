package consoletest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Tab is one page of the browser.
type Tab struct {
	b       *Browser
	session string
	wrong   []string // guarded by b.mu
}

func (t *Tab) must(err error) {
	t.b.t.Helper()
	if err != nil {
		t.b.t.Fatal(err)
	}
}

func (t *Tab) do(method string, params, into any) {
	t.b.t.Helper()
	t.must(t.b.do(t.session, method, params, into))
}

// note keeps what the page complains about: errors, and what its policy forbids.
func (t *Tab) note(r reply) {
	var p struct {
		Entry struct {
			Level, Text, URL string
		}
		Type             string
		Args             []struct{ Value any }
		ExceptionDetails struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	if json.Unmarshal(r.Params, &p) != nil {
		return
	}
	switch {
	case r.Method == "Log.entryAdded" && (p.Entry.Level == "error" || p.Entry.Level == "warning"):
		t.wrong = append(t.wrong, strings.TrimSpace(p.Entry.Text+" "+p.Entry.URL))
	case r.Method == "Runtime.consoleAPICalled" && (p.Type == "error" || p.Type == "warning"):
		t.wrong = append(t.wrong, fmt.Sprint(p.Args))
	case r.Method == "Runtime.exceptionThrown":
		t.wrong = append(t.wrong, p.ExceptionDetails.Text+" "+p.ExceptionDetails.Exception.Description)
	}
}

// Complaints is what the page said that is wrong since the last time it was asked.
func (t *Tab) Complaints() []string {
	t.b.mu.Lock()
	defer t.b.mu.Unlock()
	wrong := t.wrong
	t.wrong = nil
	return wrong
}

// Open goes to an address.
func (t *Tab) Open(url string) {
	t.b.t.Helper()
	var result struct {
		ErrorText string `json:"errorText"`
	}
	t.do("Page.navigate", object{"url": url}, &result)
	if result.ErrorText != "" {
		t.b.t.Fatalf("open %s: %s", url, result.ErrorText)
	}
	t.Until("document.readyState === 'complete' && location.href !== 'about:blank'")
}

// Size sets the size of the page; one that is narrow is a phone.
func (t *Tab) Size(width, height int) {
	t.b.t.Helper()
	const narrow = 600
	t.do("Emulation.setDeviceMetricsOverride", object{
		"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < narrow,
	}, nil)
}

// Prefers sets what the reader's system asks for, such as
// "prefers-color-scheme", "dark".
func (t *Tab) Prefers(feature, value string) {
	t.b.t.Helper()
	t.do("Emulation.setEmulatedMedia", object{"features": []object{{"name": feature, "value": value}}}, nil)
}

// Eval computes an expression in the page; a promise is waited for.
func (t *Tab) Eval(expression string, into any) {
	t.b.t.Helper()
	t.must(t.eval(expression, into))
}

func (t *Tab) eval(expression string, into any) error {
	var result struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		} `json:"exceptionDetails"`
	}
	err := t.b.do(t.session, "Runtime.evaluate", object{"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true}, &result)
	if err != nil {
		return err
	}
	if wrong := result.ExceptionDetails; wrong != nil {
		return fmt.Errorf("in the page: %s\n%s %s", expression, wrong.Text, wrong.Exception.Description)
	}
	if into == nil || result.Result.Value == nil {
		return nil
	}
	return json.Unmarshal(result.Result.Value, into)
}

// moved tells whether a page could not answer because another one came.
func moved(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "navigated or closed") || strings.Contains(err.Error(), "context was destroyed") || strings.Contains(err.Error(), "Cannot find context"))
}

// Until waits until an expression is true in the page; it is looked at with each
// frame that the page draws.
func (t *Tab) Until(expression string) {
	t.b.t.Helper()
	wait := fmt.Sprintf(`new Promise((ok) => {
		const stop = performance.now() + %d;
		const look = () => {
			if (%s) ok(true);
			else if (performance.now() > stop) ok(false);
			else requestAnimationFrame(look);
		};
		look();
	})`, (patience / 3).Milliseconds(), expression)
	var came bool
	err := t.eval(wait, &came)
	for moved(err) {
		err = t.eval(wait, &came)
	}
	if t.must(err); !came {
		var shows string
		t.Eval("document.body.innerText", &shows)
		t.b.t.Fatalf("it never came true that %s\ncomplaints: %q\nthe page shows:\n%s", expression, t.Complaints(), shows)
	}
}

// Shows waits until a text can be read on the page.
func (t *Tab) Shows(text string) {
	t.b.t.Helper()
	t.Until(fmt.Sprintf("document.body?.innerText.includes(%s)", quote(text)))
}

// Click clicks with the mouse on what a selector finds, once it is there.
func (t *Tab) Click(selector string) {
	t.b.t.Helper()
	find := fmt.Sprintf("document.querySelector(%s)", quote(selector))
	t.Until(find + "?.getClientRects().length > 0")
	t.clickOn(find)
}

// Press clicks on the button or link that bears a text; of several, the last.
func (t *Tab) Press(label string) {
	t.b.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("button, a, [role=option]")].filter((b) => b.innerText?.trim() === %s && b.getClientRects().length > 0).at(-1)`, quote(label))
	t.Until(find)
	t.clickOn(find)
}

func (t *Tab) clickOn(find string) {
	t.b.t.Helper()
	var at struct{ X, Y float64 }
	t.Eval(fmt.Sprintf(`(() => {
		const node = %s;
		node.scrollIntoView({ block: "nearest", behavior: "instant" });
		const r = node.getBoundingClientRect();
		return { X: r.x + r.width / 2, Y: r.y + r.height / 2 };
	})()`, find), &at)
	for _, kind := range []string{"mouseMoved", "mousePressed", "mouseReleased"} {
		t.do("Input.dispatchMouseEvent", object{"type": kind, "x": at.X, "y": at.Y, "button": "left", "clickCount": 1}, nil)
	}
}

// Type types a text where the page listens.
func (t *Tab) Type(text string) {
	t.b.t.Helper()
	t.do("Input.insertText", object{"text": text}, nil)
}

// keys are those that a test presses, with their old numbers.
var keys = map[string]int{
	"Enter": 13, "Escape": 27, "Tab": 9, "ArrowUp": 38, "ArrowDown": 40, "k": 75,
}

// Key presses a key, with "Alt+", "Control+" or "Shift+" before it.
func (t *Tab) Key(name string) {
	t.b.t.Helper()
	held := 0
	for prefix, bit := range map[string]int{"Alt+": 1, "Control+": 2, "Shift+": 8} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			name, held = rest, bit
		}
	}
	number, known := keys[name]
	if !known {
		t.b.t.Fatalf("key %q is not in the list", name)
	}
	text := ""
	if name == "Enter" {
		text = "\r"
	}
	for _, kind := range []string{"keyDown", "keyUp"} {
		t.do("Input.dispatchKeyEvent", object{
			"type": kind, "key": name, "code": name, "windowsVirtualKeyCode": number, "modifiers": held, "text": text,
		}, nil)
		text = ""
	}
}

// Picture writes what the page looks like to a PNG file, once it stands still.
func (t *Tab) Picture(file string) {
	t.b.t.Helper()
	t.Until("document.getAnimations().every((a) => a.playState === 'finished')")
	var shot struct {
		Data string `json:"data"`
	}
	t.do("Page.captureScreenshot", object{"format": "png"}, &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	t.must(err)
	t.must(os.WriteFile(file, png, 0o644))
}

// quote writes a text as JavaScript does.
func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil { // a string can always be written
		panic(err)
	}
	return string(quoted)
}
