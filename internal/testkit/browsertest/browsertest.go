// Package browsertest drives headless Chromium in tests: it opens pages as a
// person with a phone would, asks axe about them, and takes pictures.
//
// Without Chromium a test is skipped in one line; with CI=true it fails.
package browsertest

import (
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// axe-core 4.14.1, MPL-2.0 (axe.LICENSE), unchanged.
//
//go:embed axe.min.js
var axeScript string

// patience is how long a page may take.
const patience = 30 * time.Second

// flags let Chromium run as root on a machine without a network of its own.
var flags = map[string]any{
	"headless": "new", "no-sandbox": true, "disable-gpu": true, "disable-quic": true, "no-first-run": true,
	"disable-background-networking": true, "disable-component-update": true, "disable-sync": true, "hide-scrollbars": true,
	"disable-dev-shm-usage": true,
}

var (
	once    sync.Once
	browser context.Context
	failure error
)

// start starts the one browser of the test process.
func start() {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		failure = fmt.Errorf("no Chromium: apt install chromium")
		return
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path)}
	for name, value := range flags {
		options = append(options, chromedp.Flag(name, value))
	}
	allocator, _ := chromedp.NewExecAllocator(context.Background(), options...) // lives as long as the process
	browser, _ = chromedp.NewContext(allocator)
	failure = chromedp.Do(browser, chromedp.Navigate("about:blank"))
}

// Options say what kind of screen a tab has.
type Options struct {
	Width, Height int64 // CSS pixels; 360 by 740 by default
	Mobile        bool
	Dark          bool
	NoScript      bool
}

// Tab is a page in the browser.
type Tab struct {
	t   testing.TB
	ctx context.Context
}

// New opens a tab that closes with the test.
func New(t testing.TB, o Options) *Tab {
	t.Helper()
	once.Do(start)
	if failure != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(failure)
		}
		t.Skip(failure)
	}
	if o.Width == 0 {
		o.Width, o.Height = 360, 740
	}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext()) // cookies of its own
	t.Cleanup(cancel)
	tab := &Tab{t, ctx}
	scheme := "light"
	if o.Dark {
		scheme = "dark"
	}
	var view []chromedp.EmulateViewportOption
	if o.Mobile {
		view = append(view, chromedp.EmulateMobile, chromedp.EmulatePortrait)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil { // starts the tab, so no time limit
		t.Fatal(err)
	}
	tab.do(chromedp.EmulateViewport(o.Width, o.Height, view...), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		if err == nil && o.NoScript {
			_, err = chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		}
		return err
	}))
	return tab
}

func (tab *Tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tab.t.Fatal(err)
	}
}

// Go opens an address and waits until the page is there.
func (tab *Tab) Go(address string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		tab.t.Fatalf("open %s: %v", address, err)
	}
}

// Back goes back in the browser's history, also where that leads to the
// browser's own page that asks whether to send a form again.
func (tab *Tab) Back() {
	tab.t.Helper()
	tab.leave(func() error {
		history, err := chromedp.Run(tab.ctx, chromedp.NavigationEntries())
		if err != nil {
			return err
		}
		if history.CurrentIndex == 0 {
			return fmt.Errorf("there is no page to go back to")
		}
		entry := history.Entries[history.CurrentIndex-1].ID
		return chromedp.Do(tab.ctx, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: entry})
			return err
		}))
	})
}

// SendAgain reloads the page, sending its form again where a form led to it.
func (tab *Tab) SendAgain() {
	tab.t.Helper()
	tab.leave(func() error {
		return chromedp.Do(tab.ctx, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, page.Reload, page.ReloadParams{})
			return err
		}))
	})
}

// Submit clicks what the selector names and waits for the page it leads to.
func (tab *Tab) Submit(selector string) {
	tab.t.Helper()
	tab.leave(func() error {
		ctx, cancel := context.WithTimeout(tab.ctx, patience)
		defer cancel()
		return chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector)))
	})
}

// leave does what leads to another page and waits until that is there.
func (tab *Tab) leave(what func() error) {
	tab.t.Helper()
	const mark = "window.leaving = true; void 0"
	tab.do(chromedp.Evaluate[chromedp.Void](mark))
	if err := what(); err != nil {
		tab.t.Fatal(err)
	}
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
		arrived, err := chromedp.Run(tab.ctx, chromedp.Evaluate[bool]("!window.leaving && document.readyState === 'complete'"))
		if err == nil && arrived {
			return
		}
	}
	tab.t.Fatalf("no page came within %v", patience)
}

// Click clicks what the selector names and stays on the page.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.do(chromedp.Click(chromedp.CSS(selector)))
}

// Fill types into a field.
func (tab *Tab) Fill(selector, text string) {
	tab.t.Helper()
	tab.do(chromedp.Clear(chromedp.CSS(selector)), chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Keys presses keys where the focus is, as somebody without a mouse does.
func (tab *Tab) Keys(keys string) {
	tab.t.Helper()
	tab.do(chromedp.KeyEvent(keys))
}

// Eval evaluates JavaScript in the page.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tab.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// Text is the text a reader sees.
func (tab *Tab) Text() string {
	tab.t.Helper()
	return Eval[string](tab, "document.body.innerText")
}

// Has reports whether something on the page fits the selector.
func (tab *Tab) Has(selector string) bool {
	tab.t.Helper()
	quoted, err := json.Marshal(selector)
	if err != nil {
		tab.t.Fatal(err)
	}
	return Eval[bool](tab, "document.querySelector("+string(quoted)+") !== null")
}

// Location is the address of the page.
func (tab *Tab) Location() string {
	tab.t.Helper()
	return Eval[string](tab, "location.href")
}

// axe skips contrast in scripts whose letters join, and caches that verdict by
// font family after three samples; three Latin samples of each family in use
// make it look. They are added and removed around the run.
const axeRun = `(async () => {
  const families = new Set([...document.querySelectorAll('body *')].map(e => getComputedStyle(e).fontFamily));
  const samples = document.createElement('div'); samples.id = 'Hamburg';
  for (const family of families) for (let i = 0; i < 3; i++) {
    const p = document.createElement('p');
    p.style.cssText = 'color:#000;background:#fff'; p.style.fontFamily = family; p.textContent = 'Hamburg';
    samples.append(p);
  }
  document.body.prepend(samples);
  const result = await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']});
  samples.remove();
  const ours = v => ({...v, nodes: v.nodes.filter(n => !n.html.includes('Hamburg'))});
  return result.violations.map(ours).filter(v => v.nodes.length > 0).map(v => v.id + ': ' + v.help + ' ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + ' (' + n.any.concat(n.all, n.none).map(c => c.message).join('; ') + ')').join(' | '));
})()`

// Axe lists what axe has to say against the page, by WCAG 2.2 AA and its best
// practices.
func (tab *Tab) Axe() []string {
	tab.t.Helper()
	if _, err := chromedp.Run(tab.ctx, chromedp.Evaluate[chromedp.Void](axeScript+";void 0")); err != nil {
		tab.t.Fatal(err)
	}
	return Eval[[]string](tab, axeRun)
}

// Sideways reports whether the page is wider than the screen.
func (tab *Tab) Sideways() bool {
	tab.t.Helper()
	return Eval[bool](tab, "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
}

// Picture saves a picture of the whole page as folder/name.png if the
// environment variable ADILI_SCREENSHOTS names a folder.
func (tab *Tab) Picture(name string) {
	tab.t.Helper()
	tab.save(name, chromedp.FullScreenshot(100))
}

func (tab *Tab) save(name string, take chromedp.Action[[]byte]) {
	tab.t.Helper()
	folder := os.Getenv("ADILI_SCREENSHOTS")
	if folder == "" {
		return
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		tab.t.Fatal(err)
	}
	picture, err := chromedp.Run(tab.ctx, take)
	if err != nil {
		tab.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, strings.ReplaceAll(name, "/", "-")+".png"), picture, 0o644); err != nil {
		tab.t.Fatal(err)
	}
}

// SubmitKeys presses keys that lead to another page and waits for it.
func (tab *Tab) SubmitKeys(keys string) {
	tab.t.Helper()
	tab.leave(func() error { return chromedp.Do(tab.ctx, chromedp.KeyEvent(keys)) })
}

// View saves a picture of what the screen shows, like Picture.
func (tab *Tab) View(name string) {
	tab.t.Helper()
	tab.save(name, chromedp.CaptureScreenshot())
}

// Set gives a field its value at once, as a picker does: a text, a day, a
// choice, or "on" for a box or radio button.
func (tab *Tab) Set(selector, value string) {
	tab.t.Helper()
	arguments, err := json.Marshal([]string{selector, value})
	if err != nil {
		tab.t.Fatal(err)
	}
	found := Eval[bool](tab, `(([selector, value]) => {
  const field = document.querySelector(selector);
  if (!field) return false;
  if (field.type === 'checkbox' || field.type === 'radio') field.checked = value === 'on'; else field.value = value;
  return true;
})(`+string(arguments)+`)`)
	if !found {
		tab.t.Fatalf("no field %s on %s", selector, tab.Location())
	}
}

// Slow makes the processor as many times slower as said, as on an old phone.
func (tab *Tab) Slow(times float64) {
	tab.t.Helper()
	tab.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: times})
		return err
	}))
}

// Upload chooses a file with this content in a file field.
func (tab *Tab) Upload(selector, name string, data []byte) {
	tab.t.Helper()
	Eval[bool](tab, fmt.Sprintf(`(() => {
		const bytes = Uint8Array.from(atob(%q), c => c.charCodeAt(0)), chosen = new DataTransfer();
		chosen.items.add(new File([bytes], %q));
		document.querySelector(%q).files = chosen.files;
		return true;
	})()`, base64.StdEncoding.EncodeToString(data), name, selector))
}
