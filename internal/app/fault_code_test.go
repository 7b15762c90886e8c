package app

import (
	"context"
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"adili/internal/demo/phone"
	"adili/internal/survey/code"
)

// People close the page the moment they have sent it. What they sent counts or
// does not; sent again, it counts once. With cards, whose check takes longest.
func TestSendersLeave(t *testing.T) {
	databases(t, func(t *testing.T, url string) {
		s := newIntake(t, t.TempDir(), url, code.ByCard, 15)
		forms := s.walked(t)
		var wg sync.WaitGroup
		left := make([]bool, len(forms))
		for i, f := range forms {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), rand.N(400*time.Millisecond))
				defer cancel()
				err := f.Send(ctx)
				left[i] = err != nil
				if err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("form %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		s.take(t, forms)
		s.exactlyOnce(t, len(forms))
		t.Logf("%d of %d left before the reply", len(slices.DeleteFunc(left, func(l bool) bool { return !l })), len(left))
	})
}

var sealed = regexp.MustCompile(`name="STATE" value="[^"]+"`)

// Whoever tries codes does not learn which have served: used and unknown ones
// give the same page in the same time.
func TestUsedAndUnknownCodesAreAlike(t *testing.T) {
	s := newIntake(t, t.TempDir(), "", code.ByCard, 3)
	used := s.codes[0]
	first, err := walk(t.Context(), s.phone, "fr", s.round, used, 0)
	if err != nil {
		t.Fatal(err)
	}
	s.take(t, []phone.Final{first})
	names := []string{"used", "unknown", "unknown, of a known selector"}
	var forms []phone.Final
	for _, c := range []code.Code{used, unknown(t, used, 3), unknown(t, used, 9)} {
		f, err := walk(t.Context(), s.phone, "fr", s.round, c, 0)
		if err != nil {
			t.Fatal(err)
		}
		forms = append(forms, f)
	}
	var pages []string
	for _, f := range forms {
		if err := f.Send(t.Context()); !errors.Is(err, phone.ErrRefused) {
			t.Fatal(err)
		}
		pages = append(pages, sealed.ReplaceAllString(s.last.body, ""))
	}
	if pages[0] != pages[1] || pages[0] != pages[2] {
		t.Error("the pages differ")
	}
	for try := range 3 { // other programs on the machine may spoil a trial
		medians := s.medians(t, forms)
		low, high := slices.Min(medians), slices.Max(medians)
		t.Logf("%q: medians %v", names, medians)
		if float64(high) <= 1.25*float64(low) {
			return
		}
		if try == 2 {
			t.Errorf("the times differ: %q %v", names, medians)
		}
	}
}

// unknown is a code that was never made and differs in the character at the
// place, and in the check character.
func unknown(t *testing.T, c code.Code, place int) code.Code {
	t.Helper()
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	b := []byte(c)
	b[place] = alphabet[(strings.IndexByte(alphabet, b[place])+7)%32]
	for _, check := range []byte(alphabet) {
		b[len(b)-1] = check
		if other, err := code.Parse(string(b)); err == nil {
			return other
		}
	}
	t.Fatal("no check character fits")
	return ""
}

// medians sends the forms in turn and gives the median time of each.
func (s *intake) medians(t *testing.T, forms []phone.Final) []time.Duration {
	t.Helper()
	took := make([][]time.Duration, len(forms))
	for range 60 {
		for _, i := range rand.Perm(len(forms)) {
			began := time.Now()
			if err := forms[i].Send(t.Context()); !errors.Is(err, phone.ErrRefused) {
				t.Fatal(err)
			}
			took[i] = append(took[i], time.Since(began))
		}
	}
	medians := make([]time.Duration, len(forms))
	for i := range took {
		slices.Sort(took[i])
		medians[i] = took[i][len(took[i])/2]
	}
	return medians
}
