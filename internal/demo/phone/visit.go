package phone

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Names of the fields that are no questions.
const (
	fieldCode = "code"
	fieldOpen = "OPEN"
)

// maxPages bounds the pages of a questionnaire, so that a server that shows
// the same page for ever is noticed.
const maxPages = 200

// Chooser answers one question: it picks values among the options, any number
// where the form has check boxes. A question without options takes text. No
// value skips the question.
type Chooser func(item string, options []Option) []string

// First is the chooser that takes the first option of each question and writes
// nothing.
func First(_ string, options []Option) []string {
	if len(options) == 0 {
		return nil
	}
	return []string{options[0].Value}
}

// Visit is one questionnaire being answered.
type Visit struct {
	Sizes []Size   // of the pages so far
	Files []string // addresses of the style sheets and scripts of the first page

	phone *Phone
	page  *page
	ready bool // the summary is shown
}

// Open opens the start page of a round.
func (p *Phone) Open(ctx context.Context, lang, round string) (*Visit, error) {
	v := &Visit{phone: p}
	if err := v.show(ctx, "start", "/"+lang+"/s/"+url.PathEscape(round), nil); err != nil {
		return nil, err
	}
	v.Files = v.page.files
	return v, nil
}

// show opens a page and keeps it.
func (v *Visit) show(ctx context.Context, name, address string, values url.Values) error {
	shown, size, err := v.phone.fetch(ctx, address, values)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	size.Page = name
	v.Sizes = append(v.Sizes, size)
	v.page = shown
	return nil
}

// Enter types a code into the start page, or the code that stands in a link.
// The error is ErrRefused for a mistyped one.
func (v *Visit) Enter(ctx context.Context, code string) error {
	f := v.page.formWith(fieldCode)
	if f == nil {
		return errors.New("the start page asks for no code")
	}
	values := f.values()
	values.Set(fieldCode, code)
	return v.begin(ctx, f, values)
}

// Follow presses the button of the open link of a population, "official" or
// "private".
func (v *Visit) Follow(ctx context.Context, population string) error {
	for i := range v.page.forms {
		if f := &v.page.forms[i]; f.hidden.Get(fieldOpen) == population {
			return v.begin(ctx, f, f.values())
		}
	}
	return fmt.Errorf("the start page has no open link for %s", population)
}

func (v *Visit) begin(ctx context.Context, f *formShown, values url.Values) error {
	if err := v.show(ctx, "welcome", f.action, values); err != nil {
		return err
	}
	if v.page.answers() == nil {
		return errors.New("the welcome page has no form to go on")
	}
	return nil
}

// WalkToSummary answers page by page until nothing is left but to send.
func (v *Visit) WalkToSummary(ctx context.Context, choose Chooser) error {
	for n := 1; n <= maxPages; n++ {
		f := v.page.answers()
		if f == nil {
			return fmt.Errorf("after %d pages there is no form to go on", n-1)
		}
		if err := v.show(ctx, fmt.Sprintf("page %d", n), f.action, f.fill(choose)); err != nil {
			return err
		}
		if next := v.page.answers(); next != nil && len(next.items) == 0 {
			v.Sizes[len(v.Sizes)-1].Page = "summary"
			v.ready = true
			return nil
		}
	}
	return fmt.Errorf("no end after %d pages", maxPages)
}

// Send presses the button of the summary. It returns nil when the thank-you
// page came, and ErrRefused when the code cannot be used.
func (v *Visit) Send(ctx context.Context) error {
	if !v.ready {
		return errors.New("the summary is not reached")
	}
	f := v.page.answers()
	if err := v.show(ctx, "thanks", f.action, f.values()); err != nil {
		return err
	}
	if !v.page.done {
		return fmt.Errorf("instead of thanks: %q", v.page.heading)
	}
	return nil
}

// Answer does it all: it opens the round in a language, enters the code or,
// without one, follows the open link of the population, answers and sends.
func (p *Phone) Answer(ctx context.Context, lang, round, population, code string, choose Chooser) error {
	v, err := p.Open(ctx, lang, round)
	if err != nil {
		return err
	}
	if code != "" {
		err = v.Enter(ctx, code)
	} else {
		err = v.Follow(ctx, population)
	}
	if err != nil {
		return err
	}
	if err := v.WalkToSummary(ctx, choose); err != nil {
		return err
	}
	return v.Send(ctx)
}

// Final is the last request of a questionnaire, made ready: sending it is one
// submission.
type Final struct {
	phone  *Phone
	action string
	values url.Values
}

// Final returns the last request of a visit that has reached the summary.
func (v *Visit) Final() (Final, error) {
	if !v.ready {
		return Final{}, errors.New("the summary is not reached")
	}
	f := v.page.answers()
	return Final{v.phone, f.action, f.values()}, nil
}

// Send sends it and returns nil when the thank-you page came. It reads no more
// of the page than it needs to tell, so that a load generator costs little.
func (f Final) Send(ctx context.Context) error {
	request, err := f.phone.request(ctx, f.action, f.values)
	if err != nil {
		return err
	}
	answer, err := f.phone.client.Do(request)
	if err != nil {
		return err
	}
	body, _, err := read(answer)
	switch {
	case err != nil:
		return err
	case answer.StatusCode == http.StatusConflict:
		return ErrRefused
	case answer.StatusCode != http.StatusOK || !bytes.Contains(body, []byte("data-done")):
		return &StatusError{f.action, answer.StatusCode, parse(body).heading}
	}
	return nil
}

// values are what the form sends as it stands, with its first button pressed.
func (f *formShown) values() url.Values {
	values := url.Values{}
	for name, all := range f.hidden {
		values[name] = append([]string(nil), all...)
	}
	for _, it := range f.items {
		if len(it.chosen) > 0 {
			values[it.name] = it.chosen
		}
	}
	if f.press[0] != "" {
		values.Set(f.press[0], f.press[1])
	}
	return values
}

// fill answers the questions of the form.
func (f *formShown) fill(choose Chooser) url.Values {
	values := f.values()
	for _, it := range f.items {
		chosen := choose(it.name, it.options)
		if len(chosen) == 0 {
			values.Del(it.name)
			continue
		}
		if !it.multi {
			chosen = chosen[:1]
		}
		values[it.name] = chosen
	}
	return values
}
