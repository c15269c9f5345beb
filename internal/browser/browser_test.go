package browser_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tapegrad/tapegrad/internal/browser"
)

func TestFindSaysWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := browser.Find(); err == nil || !strings.Contains(err.Error(), "install Chromium") {
		t.Errorf("got error %v, want one that says what to install", err)
	}
}

// A page with faults is complained of, one without is not.
func TestComplaints(t *testing.T) {
	if os.Getenv(browser.Variable) == "" {
		t.Logf("not run: pages are opened in a browser if %s is set and a Chromium is in PATH", browser.Variable)
		return
	}
	chromium, err := browser.Find()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for text, want := range map[string][]string{
		"<p>fine": nil,
		`<img src="missing.png"><script>console.error("one")
</script><script>throw new Error("two")</script>`: {"missing.png", "one", "two"},
	} {
		path := filepath.Join(t.TempDir(), "page.html")
		if err := os.WriteFile(path, []byte("<!DOCTYPE html>"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		page, err := browser.Open(ctx, chromium, t.TempDir(), "file://"+filepath.ToSlash(path))
		if err != nil {
			t.Fatal(err)
		}
		complaints, err := page.Complaints()
		if err != nil {
			t.Fatal(err)
		}
		if err := page.Evaluate("Promise.reject(new Error('three'))", nil); err == nil || !strings.Contains(err.Error(), "three") {
			t.Errorf("got error %v, want that of the script", err)
		}
		page.Close()
		if (len(want) == 0) != (len(complaints) == 0) {
			t.Errorf("%s: the complaints are %q", text, complaints)
		}
		for _, w := range want {
			if !strings.Contains(strings.Join(complaints, "\n"), w) {
				t.Errorf("%s: the complaints lack %q: %q", text, w, complaints)
			}
		}
	}
	if _, err := browser.Open(ctx, chromium, t.TempDir(), "file://"+filepath.ToSlash(filepath.Join(t.TempDir(), "none.html"))); err == nil {
		t.Error("no error for a page that is not there")
	}
	cancel()
	if _, err := browser.Open(ctx, chromium, t.TempDir(), "about:blank"); err == nil {
		t.Error("no error after the ctx is done")
	}
}
