package app

import (
	"bytes"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/sheet"
	"adili/internal/kernel/web"
	"adili/internal/testkit/browsertest"
)

// A consultant's XLSForm, with and without two faults.
func xlsform(t *testing.T, faulty bool) []byte {
	t.Helper()
	pages := []sheet.Page{
		{Name: "survey", Rows: [][]string{
			{"type", "name", "label::English (en)", "label::Français (fr)", "relevant"},
			{"begin_group", "contact", "Your contact with Customs", "Vos contacts avec la douane", ""},
			{"select_one yesno", "contacted", "Did you have contact with Customs in the last 12 months?", "Avez-vous eu affaire à la douane ces 12 derniers mois ?", ""},
			{"integer", "times", "How many times?", "Combien de fois ?", "selected(${contacted}, 'yes')"},
			{"text", "wish", "What should change?", "Que faudrait-il changer ?", ""},
			{"end_group", "", "", "", ""},
		}},
		{Name: "choices", Rows: [][]string{
			{"list_name", "name", "label::English (en)", "label::Français (fr)"},
			{"yesno", "yes", "Yes", "Oui"}, {"yesno", "no", "No", "Non"},
		}},
		{Name: "settings", Rows: [][]string{{"form_title", "form_id", "default_language"}, {"Contact survey", "contact_survey", "English (en)"}}},
	}
	if faulty {
		pages[0].Rows[2][0] = "select_one yes_no"
		pages[0].Rows[3][4] = "selected(${contacted}, 'yes'"
	}
	var b bytes.Buffer
	if err := sheet.WriteBook(&b, pages); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A manager takes a consultant's form, mends two faults, adds three questions
// from the bank and an Arabic translation, looks at it as on a phone, publishes
// it and asks it; a respondent answers.
func TestQuestionnaireInTheBrowser(t *testing.T) {
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
	wide := browsertest.Options{Width: 1400, Height: 950}
	j := &journey{t, a, base, "en"}
	link := j.operator(browsertest.New(t, wide))
	tab := browsertest.New(t, wide)
	j.arrive(tab, link)

	one := j.bring(tab)
	j.enrich(tab, one)
	j.translateTo(tab, one, "ar")
	j.look(tab, one)
	j.publish(tab, one)
	j.onAPhone(one)
	j.ask(tab, one)
}

// bring takes the form into the library and returns its address.
func (j *journey) bring(tab *browsertest.Tab) string {
	t := j.t
	t.Helper()
	j.goTo(tab, "/staff/questionnaires")
	j.view(tab, "library-empty")
	j.goTo(tab, "/staff/questionnaires/new")
	tab.Upload("#f-file", "contact.xlsx", xlsform(t, true))
	tab.Submit("button[value=file]")
	text := tab.Text()
	for _, want := range []string{"contact.xlsx · survey, row 3, column type", "contact.xlsx · survey, row 4, column relevant"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say where the fault is: want %q in\n%s", want, text)
		}
	}
	j.view(tab, "library-faults")
	tab.Upload("#f-file", "contact.xlsx", xlsform(t, false))
	tab.Submit("button[value=file]")
	one := regexp.MustCompile(`/staff/questionnaires/q_[a-z0-9]+`).FindString(tab.Location())
	if one == "" {
		t.Fatalf("the form was not taken:\n%s", tab.Text())
	}
	j.view(tab, "library-editor")
	return one
}

// enrich adds three questions of the bank, says who is asked, and types a text.
func (j *journey) enrich(tab *browsertest.Tab, one string) {
	t := j.t
	t.Helper()
	j.goTo(tab, one)
	tab.Set("[name=population]", "official")
	tab.Submit("#form .actions button")
	tab.Go(j.base + one + "/bank?page=1&lang=en")
	for i := range 3 {
		browsertest.Eval[bool](tab, fmt.Sprintf("document.querySelectorAll('[name=item]')[%d].checked = true", 3*i))
	}
	j.view(tab, "library-bank")
	tab.Submit("form:has([name=item]) .actions button")
	if n := browsertest.Eval[int](tab, "document.querySelectorAll('a[data-item]').length"); n != 6 && n != 7 {
		t.Fatalf("%d questions in the outline after three were added:\n%s", n, tab.Text())
	}
	tab.Go(j.base + one + "?item=times&lang=en")
	j.view(tab, "library-item")
	if !strings.Contains(tab.Text(), "Did you have contact with Customs") {
		t.Errorf("the condition is not said in words:\n%s", tab.Text())
	}
	tab.Set("[name=constraint]", ". >=")
	tab.Submit("#form .actions button")
	if !tab.Has("[data-field=constraint] .error") {
		t.Errorf("no error stands at the faulty expression:\n%s", tab.Text())
	}
	tab.Set("[name=constraint]", ". >= 1 and . <= 400")
	tab.Submit("#form .actions button")
	tab.Go(j.base + one + "?item=times&lang=en")
	if got := browsertest.Eval[string](tab, "document.querySelector('[name=constraint]').value"); got != ". >= 1 and . <= 400" {
		t.Errorf("the constraint is %q", got)
	}
}

var (
	unitSource = regexp.MustCompile(`(?s)<source([^>]*)>(.*?)</source>(\s*<target[^>]*>.*?</target>|\s*<target[^>]*/>)?`)
)

// translateTo adds a language, has every text translated by way of XLIFF, and
// looks at the page of texts.
func (j *journey) translateTo(tab *browsertest.Tab, one, tag string) {
	t := j.t
	t.Helper()
	j.goTo(tab, one+"/translate")
	if !tab.Has("a[href$='/translate/" + tag + "']") {
		tab.Fill("#f-tag", tag)
		tab.Submit("button[value=add]")
	}
	j.goTo(tab, one+"/translate")
	j.view(tab, "library-languages")
	xliff := j.fetch(tab, one+"/translate/"+tag+"/file/xlf")
	translated := unitSource.ReplaceAllString(xliff, "<source$1>$2</source><target>ترجمة: $2</target>")
	j.goTo(tab, one+"/translate/"+tag)
	tab.Upload("#f-file", "contact.ar.xlf", []byte(translated))
	tab.Submit("form:has(#f-file) button")
	if !strings.Contains(tab.Text(), "100 %") {
		t.Errorf("the language is not complete:\n%s", tab.Text())
	}
	j.view(tab, "library-translation")
	tab.Submit("button[name=role][value=translator]")
	if !strings.Contains(tab.Text(), "Manager") {
		t.Errorf("the signature is not shown:\n%s", tab.Text())
	}
}

// fetch reads an address as the signed-in person.
func (j *journey) fetch(tab *browsertest.Tab, path string) string {
	return browsertest.Eval[string](tab, fmt.Sprintf("(() => { const r = new XMLHttpRequest(); r.open('GET', %q, false); r.send(); return r.responseText; })()", path))
}

// look looks at the preview from right to left, and at the codebook.
func (j *journey) look(tab *browsertest.Tab, one string) {
	t := j.t
	t.Helper()
	tab.Go(j.base + one + "/preview?lang=ar&page=1")
	if dir := browsertest.Eval[string](tab, "getComputedStyle(document.querySelector('legend, .question')).direction"); dir != "rtl" {
		t.Errorf("the preview in Arabic runs %s", dir)
	}
	if !strings.Contains(tab.Text(), "ترجمة") {
		t.Errorf("the preview is not in Arabic:\n%s", tab.Text())
	}
	j.view(tab, "library-preview")
	j.goTo(tab, one+"/codebook")
	j.view(tab, "library-codebook")
	if xml := j.fetch(tab, one+"/codebook.xml"); !strings.Contains(xml, "<codeBook") {
		t.Errorf("no codebook: %.200s", xml)
	}
}

// publish publishes the draft.
func (j *journey) publish(tab *browsertest.Tab, one string) {
	t := j.t
	t.Helper()
	j.goTo(tab, one+"/versions")
	j.view(tab, "library-versions")
	tab.Set("[name=confirm]", "on")
	tab.Submit("form:has([name=confirm]) button")
	if !tab.Has("a[href$='/versions/1.0']") {
		t.Fatalf("no version was published:\n%s", tab.Text())
	}
	if file := j.fetch(tab, one+"/versions/1.0"); !strings.Contains(file, `"version": "1.0"`) {
		t.Errorf("the version's file: %.300s", file)
	}
}

// onAPhone looks at the pages in Arabic on a dark phone.
func (j *journey) onAPhone(one string) {
	j.t.Helper()
	tab := browsertest.New(j.t, browsertest.Options{Width: 360, Height: 740, Mobile: true, Dark: true})
	tab.Go(j.base + web.SignInPath + "?lang=ar")
	tab.Fill("#email", "manager@customs.example")
	tab.Fill("#password", journeyPassword)
	tab.Submit("main form button")
	for name, path := range map[string]string{
		"list": "/staff/questionnaires?lang=ar", "new": "/staff/questionnaires/new?lang=ar", "settings": one + "?lang=ar", "item": one + "?lang=ar&item=contacted",
		"bank": one + "/bank?lang=ar", "languages": one + "/translate?lang=ar", "texts": one + "/translate/fr?lang=ar&show=open",
		"versions": one + "/versions?lang=ar", "codebook": one + "/codebook?lang=ar",
	} {
		tab.Go(j.base + path)
		j.view(tab, "library-phone-"+name)
		if text := tab.Text(); strings.Contains(text, "«") && strings.Contains(text, "library.") {
			j.t.Errorf("%s: a text is missing:\n%s", name, text)
		}
	}
}

// view keeps a picture of the page and judges it.
func (j *journey) view(tab *browsertest.Tab, name string) {
	j.t.Helper()
	tab.Picture(name)
	for _, fault := range tab.Axe() {
		j.t.Errorf("%s: %s", name, fault)
	}
	if tab.Sideways() {
		j.t.Errorf("%s: the page is wider than the screen", name)
	}
}

// ask asks the version in a round and answers it.
func (j *journey) ask(tab *browsertest.Tab, one string) {
	t := j.t
	t.Helper()
	round := j.plan(tab)
	j.goTo(tab, one+"/versions")
	j.view(tab, "library-ask")
	tab.Submit("form:has([name=round]) button")
	j.goTo(tab, "/staff/rounds/"+round+"/official/questionnaire")
	if !strings.Contains(tab.Text(), "Contact survey") {
		t.Fatalf("the round does not take the version:\n%s", tab.Text())
	}
	codes := j.invite(tab, round, "official")
	j.invite(tab, round, "private")
	j.open(tab, round)
	j.answer(browsertest.New(t, browsertest.Options{Width: 320, Height: 640, Mobile: true}), round, codes[0])
}
