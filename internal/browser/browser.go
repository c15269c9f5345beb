// Package browser opens pages in a headless Chromium, for tests that look at what a person would see. It speaks the DevTools protocol
// (https://chromedevtools.github.io/devtools-protocol/) over a pipe, and so needs no port and no library. It does not run on Windows, where
// processes do not inherit such pipes.
package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
)

// Variable is the environment variable that tests look at: they open a browser if it is set.
const Variable = "TAPEGRAD_BROWSER"

// Find returns the path of a Chromium. The error says that there is none in PATH.
func Find() (string, error) {
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("browser: none of %q is in PATH: install Chromium", names)
}

// A Page is a page in a browser of its own. It belongs to one goroutine.
type Page struct {
	process *exec.Cmd
	in      *os.File      // what the browser reads
	out     *bufio.Reader // what it writes
	outFile *os.File
	session string
	calls   int
	events  []message // that came and nobody has waited for
}

// A message is a command, its answer or an event.
type message struct {
	ID        int             `json:"id,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// Open starts the Chromium at path with the empty folder profile for what it keeps, and opens an address of which the page has no
// network. A ctx that is done ends the browser, and with it every call. The error says what did not come about.
func Open(ctx context.Context, path, profile, address string) (p *Page, err error) {
	p, err = start(ctx, path, profile)
	if err != nil {
		return nil, fmt.Errorf("browser: starting %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			p.Close()
			p, err = nil, fmt.Errorf("browser: opening %s: %w", address, err)
		}
	}()
	var target struct{ TargetID, SessionID string }
	if err := p.call("Target.createTarget", arguments{"url": "about:blank"}, &target); err != nil {
		return p, err
	}
	if err := p.call("Target.attachToTarget", arguments{"targetId": target.TargetID, "flatten": true}, &target); err != nil {
		return p, err
	}
	p.session = target.SessionID
	for _, domain := range []string{"Runtime", "Log", "Network", "Page"} {
		if err := p.call(domain+".enable", nil, nil); err != nil {
			return p, err
		}
	}
	var navigation struct{ ErrorText string }
	if err := p.call("Page.navigate", arguments{"url": address}, &navigation); err != nil {
		return p, err
	}
	if navigation.ErrorText != "" {
		return p, errors.New(navigation.ErrorText)
	}
	return p, p.wait("Page.loadEventFired")
}

func start(ctx context.Context, path, profile string) (*Page, error) {
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirIn.Close()
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	defer theirOut.Close()
	p := &Page{in: in, out: bufio.NewReader(out), outFile: out}
	p.process = exec.CommandContext(ctx, path,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
		"--force-device-scale-factor=1", "--hide-scrollbars", "--user-data-dir="+profile, "--remote-debugging-pipe")
	p.process.ExtraFiles = []*os.File{theirIn, theirOut} // its descriptors 3 and 4
	if err := p.process.Start(); err != nil {
		return nil, errors.Join(err, in.Close(), out.Close())
	}
	return p, nil
}

// Close ends the browser.
func (p *Page) Close() {
	p.session = ""
	p.call("Browser.close", nil, nil) // if it answers or not
	p.in.Close()
	p.process.Wait()
	p.outFile.Close()
}

// Complaints returns what the console, the log and the page's scripts have said so far, and which addresses were asked for beside the
// page's own.
func (p *Page) Complaints() (complaints []string, err error) {
	if err := p.Evaluate("0", nil); err != nil { // what came before its answer is here now
		return nil, err
	}
	for _, e := range p.events {
		switch e.Method {
		case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Network.loadingFailed":
			complaints = append(complaints, e.Method+": "+string(e.Params))
		case "Network.requestWillBeSent":
			var r struct {
				Type    string
				Request struct{ URL string }
			}
			if err := json.Unmarshal(e.Params, &r); err != nil {
				return nil, err
			}
			if r.Type != "Document" && !(len(r.Request.URL) > 5 && r.Request.URL[:5] == "data:") {
				complaints = append(complaints, "it asked for "+r.Request.URL)
			}
		}
	}
	return complaints, nil
}

// Show sets the width of the window in pixels and whether the reader prefers dark pages.
func (p *Page) Show(width int, dark bool) error {
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	err := p.call("Emulation.setEmulatedMedia", arguments{"features": []arguments{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	if err != nil {
		return err
	}
	return p.call("Emulation.setDeviceMetricsOverride", arguments{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// Evaluate computes an expression of JavaScript in the page, a promise's value too, and decodes it from JSON into result, unless that is nil. The
// error is that of the script, or says that the browser is gone.
func (p *Page) Evaluate(expression string, result any) error {
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *json.RawMessage
	}
	err := p.call("Runtime.evaluate", arguments{"expression": expression, "awaitPromise": true, "returnByValue": true}, &answer)
	if err != nil {
		return err
	}
	if answer.ExceptionDetails != nil {
		return fmt.Errorf("browser: the script failed: %s", *answer.ExceptionDetails)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer.Result.Value, result)
}

// Screenshot returns the whole page as a PNG picture.
func (p *Page) Screenshot() ([]byte, error) {
	var picture struct{ Data []byte }
	err := p.call("Page.captureScreenshot", arguments{"format": "png", "captureBeyondViewport": true}, &picture)
	return picture.Data, err
}

// arguments are those of a command.
type arguments map[string]any

// call sends a command and decodes its answer into result, unless that is nil.
func (p *Page) call(method string, a arguments, result any) error {
	p.calls++
	params, err := json.Marshal(a)
	if err != nil {
		return err
	}
	command, err := json.Marshal(message{ID: p.calls, SessionID: p.session, Method: method, Params: params})
	if err != nil {
		return err
	}
	if _, err := p.in.Write(append(command, 0)); err != nil {
		return fmt.Errorf("browser: %s: %w", method, err)
	}
	for {
		m, err := p.next()
		if err != nil {
			return fmt.Errorf("browser: %s: %w", method, err)
		}
		switch {
		case m.ID != p.calls:
			p.events = append(p.events, m)
		case m.Error != nil:
			return fmt.Errorf("browser: %s: %s", method, m.Error.Message)
		case result == nil:
			return nil
		default:
			return json.Unmarshal(m.Result, result)
		}
	}
}

// wait returns when an event has come.
func (p *Page) wait(method string) error {
	for !slices.ContainsFunc(p.events, func(m message) bool { return m.Method == method }) {
		m, err := p.next()
		if err != nil {
			return fmt.Errorf("waiting for %s: %w", method, err)
		}
		p.events = append(p.events, m)
	}
	return nil
}

func (p *Page) next() (m message, err error) {
	text, err := p.out.ReadBytes(0)
	if err != nil {
		return message{}, err
	}
	return m, json.Unmarshal(text[:len(text)-1], &m)
}
