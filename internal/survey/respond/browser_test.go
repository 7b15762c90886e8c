package respond_test

import (
	"fmt"
	"strings"
	"testing"

	"adili/form"
	"adili/internal/demo/phone"
	"adili/internal/survey/code"
	"adili/internal/testkit/browsertest"
)

// A respondent's way through every page, on a phone of 320 pixels: axe finds
// nothing and no page scrolls sideways.
func TestEveryPageIsAccessible(t *testing.T) {
	for _, c := range []struct {
		lang       string
		population form.Population
		dark       bool
	}{{"en", form.Official, false}, {"ar", form.Official, false}, {"en", form.Private, true}, {"ar", form.Private, true}} {
		t.Run(fmt.Sprintf("%s %s", c.lang, c.population), func(t *testing.T) {
			s := newSite(t, code.ByCard)
			tab := browsertest.New(t, browsertest.Options{Width: 320, Height: 640, Mobile: true, Dark: c.dark})
			look := func(name string) {
				t.Helper()
				for _, fault := range tab.Axe() {
					t.Errorf("%s: %s", name, fault)
				}
				if tab.Sideways() {
					t.Errorf("%s scrolls sideways", name)
				}
				if text := tab.Text(); strings.Contains(text, "«") && c.lang == "en" {
					t.Errorf("%s shows a message key", name)
				}
				tab.Picture(fmt.Sprintf("respond-%s-%s-%s", c.lang, c.population, name))
			}
			tab.Go(s.address(c.lang) + "/privacy")
			look("privacy")
			tab.Go(s.address(c.lang))
			look("start")
			tab.Fill("#code", "1234")
			tab.Submit("main form button")
			look("mistyped")
			tab.Fill("#code", s.codes[c.population][0].Groups())
			tab.Submit("main form button")
			look("welcome")
			tab.Submit("#answers button[value=decline]")
			look("decline")
			tab.Submit("#answers button[value=resume]")
			for page := 1; ; page++ {
				tab.Submit("#answers button[value=next]")
				if tab.Has("[data-done]") {
					look("thanks")
					return
				}
				look(fmt.Sprintf("page%02d", page))
				if tab.Has("input[type=radio]") {
					tab.Click("input[type=radio]")
				}
			}
		})
	}
}

// Numbers, dates, ticks and notes, and what is said when an answer does not fit.
func TestNewKindsAreAccessible(t *testing.T) {
	for _, lang := range []string{"en", "ar"} {
		t.Run(lang, func(t *testing.T) {
			s, _ := newKinds(t)
			tab := browsertest.New(t, browsertest.Options{Width: 320, Height: 640, Mobile: true, Dark: lang == "ar"})
			look := func(name string) {
				t.Helper()
				for _, fault := range tab.Axe() {
					t.Errorf("%s: %s", name, fault)
				}
				if tab.Sideways() {
					t.Errorf("%s scrolls sideways", name)
				}
				tab.Picture("respond-kinds-" + lang + "-" + name)
			}
			tab.Go(s.address(lang))
			tab.Submit("input[name=OPEN] ~ * button, input[name=OPEN] ~ button")
			tab.Submit("#answers button[value=next]")
			look("asked")
			tab.Fill("#visits", "99")
			tab.Fill("#value", "30000000")
			tab.Submit("#answers button[value=next]")
			if !tab.Has("#visits-error") || !tab.Has("#value-error") || !tab.Has("button[value=pass]") {
				t.Error("nothing is objected to")
			}
			look("objections")
		})
	}
}

// From the thank-you page, Back shows no answers: on shared phones and office
// computers the next person is near.
func TestBackFromTheThankYouPageShowsNoAnswers(t *testing.T) {
	for _, noScript := range []bool{false, true} {
		t.Run(fmt.Sprintf("script %v", !noScript), func(t *testing.T) {
			s := newSite(t, code.ByLink)
			tab := browsertest.New(t, browsertest.Options{Mobile: true, NoScript: noScript})
			tab.Go(s.address("en"))
			tab.Fill("#code", s.codes[form.Private][0].String())
			tab.Submit("main form button")
			pages := 0
			for ; !tab.Has("[data-done]"); pages++ {
				if tab.Has("input[type=radio]") {
					tab.Click("input[type=radio]")
				}
				tab.Submit("#answers button[value=next]")
			}
			for range pages {
				tab.Back()
				if tab.Has("input[type=radio]") {
					t.Fatalf("answers are shown again at %s:\n%s", tab.Location(), tab.Text())
				}
			}
			// Not even by telling the browser to send the form again.
			tab.SendAgain()
			if tab.Has("input[type=radio]") {
				t.Fatalf("answers are shown when the form is sent again:\n%s", tab.Text())
			}
		})
	}
}

// Before sending, the browser's Back keeps the answers.
func TestBackBeforeSendingKeepsAnswers(t *testing.T) {
	s := newSite(t, code.ByLink)
	tab := browsertest.New(t, browsertest.Options{Mobile: true})
	tab.Go(s.address("en") + "#" + s.codes[form.Official][0].String())
	if code := browsertest.Eval[string](tab, "document.getElementById('code').value + location.hash"); code != s.codes[form.Official][0].String() {
		t.Errorf("the code of the link is %q in the form and the address, want it in the form only", code)
	}
	tab.Submit("main form button")
	tab.Submit("#answers button[value=next]")
	tab.Click("input[type=radio][value='4']")
	tab.Submit("#answers button[value=next]")
	tab.Submit("#answers button[value=back]")
	if !tab.Has("input[type=radio][value='4']:checked") {
		t.Error("our Back button lost the answer")
	}
	tab.Submit("nav.languages button[lang=fr]")
	if !tab.Has("html[lang=fr]") || !tab.Has("input[type=radio][value='4']:checked") {
		t.Error("the language button lost the answer")
	}
}

// Everything can be done with the keyboard alone.
func TestKeyboardAlone(t *testing.T) {
	s := newSite(t, code.ByCard)
	tab := browsertest.New(t, browsertest.Options{})
	tab.Go(s.address("en"))
	tab.Keys("\t")
	if browsertest.Eval[string](tab, "document.activeElement.className") != "skip" {
		t.Error("the first stop is not the skip link")
	}
	browsertest.Eval[bool](tab, "document.getElementById('code').focus() === undefined")
	tab.Keys(s.codes[form.Official][0].String())
	tab.SubmitKeys("\r")
	tab.SubmitKeys(focusOn(tab, "button[value=next]") + "\r")
	browsertest.Eval[bool](tab, "document.querySelector('input[type=radio]').focus() === undefined")
	tab.Keys(" ")
	if !tab.Has("input[type=radio]:checked") {
		t.Error("the space bar does not choose an answer")
	}
	tab.SubmitKeys(focusOn(tab, "button[value=next]") + "\r")
	if !strings.Contains(tab.Text(), "Page 2 of") {
		t.Errorf("not on page 2:\n%s", tab.Text())
	}
	// Enter in an answer goes on: it must not press one of the buttons of the
	// languages, which stand before the form.
	tab.SubmitKeys(focusOn(tab, "input[type=radio]") + "\r")
	if !strings.Contains(tab.Text(), "Page 3 of") {
		t.Errorf("not on page 3:\n%s", tab.Text())
	}
}

// focusOn moves the focus and returns no keys.
func focusOn(tab *browsertest.Tab, selector string) string {
	browsertest.Eval[bool](tab, "document.querySelector('"+selector+"').focus() === undefined")
	return ""
}

// What a phone loads: the first page with everything, and each later page.
func TestWireSizes(t *testing.T) {
	const first, later = 40 << 10, 12 << 10
	s := newSite(t, code.ByLink)
	for _, lang := range []string{"en", "ar", "ru", "zh"} {
		p := phone.New(s.Client(), s.URL)
		v, err := p.Open(t.Context(), lang, s.round)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Enter(t.Context(), s.codes[form.Official][0].String()); err != nil {
			t.Fatal(err)
		}
		if err := v.WalkToSummary(t.Context(), phone.First); err != nil {
			t.Fatal(err)
		}
		whole := v.Sizes[0].Wire
		for _, file := range v.Files {
			size, err := p.Get(t.Context(), file)
			if err != nil {
				t.Fatal(err)
			}
			whole += size.Wire
		}
		if whole > first {
			t.Errorf("%s: the first page with everything is %d bytes on the wire, more than %d", lang, whole, first)
		}
		largest := 0
		for _, size := range v.Sizes[1:] {
			largest = max(largest, size.Wire)
			if size.Wire > later {
				t.Errorf("%s: %s is %d bytes on the wire, more than %d", lang, size.Page, size.Wire, later)
			}
		}
		t.Logf("%s: first page %d bytes with everything, the largest later page %d", lang, whole, largest)
	}
}
