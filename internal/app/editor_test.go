package app

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/web"
	"adili/internal/testkit/browsertest"
)

// The editor saves what is typed, moves a question by keys, undoes, and shows
// both texts to whoever was slower.
func TestEditorInTheBrowser(t *testing.T) {
	a, err := Open(t.Context(), Config{Data: t.TempDir(), Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	base, stop, err := a.answer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop() })
	o := browsertest.Options{Width: 1400, Height: 950}
	j := &journey{t, a, base, "en"}
	first := browsertest.New(t, o)
	j.arrive(first, j.operator(browsertest.New(t, o)))
	j.goTo(first, "/staff/questionnaires/new")
	first.Upload("#f-file", "contact.xlsx", xlsform(t, false))
	first.Submit("button[value=file]")
	one := browsertest.Eval[string](first, "location.pathname")

	first.Go(base + one + "?item=wish&lang=en")
	j.write(first, "What should change first?")
	j.until(first, "document.querySelector('#saved').textContent === 'Saved'")
	j.until(first, "document.querySelector('a[data-item=wish] .outline-text').textContent.includes('first')")

	second := browsertest.New(t, o)
	second.Go(base + web.SignInPath + "?lang=en")
	second.Fill("#email", "manager@customs.example")
	second.Fill("#password", journeyPassword)
	second.Submit("main form button")
	second.Go(base + one + "?item=wish&lang=en")
	j.write(second, "What should change soon?")
	second.Submit("#form .actions button")

	j.write(first, "What should never change?")
	j.until(first, "document.body.innerText.includes('Somebody else changed this meanwhile')")
	if text := first.Text(); !strings.Contains(text, "What should change soon?") || !strings.Contains(text, "What should never change?") {
		t.Errorf("the page does not show both texts:\n%s", text)
	}
	second.Go(base + one + "?item=wish&lang=en")
	if got := browsertest.Eval[string](second, "document.querySelector('#f-text').value"); got != "What should change soon?" {
		t.Errorf("the text is %q after the slower one typed", got)
	}
	browsertest.Eval[bool](second, `(() => {
		const link = document.querySelector('a[data-item=wish]');
		link.focus();
		link.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowUp', altKey: true, bubbles: true, cancelable: true}));
		return true;
	})()`)
	order := "[...document.querySelectorAll('a[data-item]')].map(a => a.dataset.item).join(' ')"
	j.until(second, order+" === 'contacted wish times'")
	second.Submit("#undo button")
	j.until(second, order+" === 'contacted times wish'")
}

// write puts a text in the place of the question's, as somebody who types it.
func (j *journey) write(tab *browsertest.Tab, text string) {
	j.t.Helper()
	tab.Set("#f-text", text)
	browsertest.Eval[bool](tab, "document.querySelector('#f-text').dispatchEvent(new Event('input', {bubbles: true}))")
}

// until waits until an expression is true in the page.
func (j *journey) until(tab *browsertest.Tab, expression string) {
	j.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if browsertest.Eval[bool](tab, "document.readyState === 'complete' && !!document.querySelector('#saved') && "+expression) {
			return
		}
	}
	j.t.Fatalf("not within ten seconds: %s\n%s", expression, tab.Text())
}
