package people

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"
)

func TestLimiter(t *testing.T) {
	clk := clock.Fixed(start)
	l := newLimiter(clk)
	for i := range 10 {
		if !l.take(outside("a", "x")) {
			t.Fatalf("attempt %d refused", i+1)
		}
	}
	if l.take(outside("a", "x")) || l.take(outside("a", "y")) {
		t.Error("an eleventh attempt in a row is allowed")
	}
	if !l.take(outside("b", "x")) {
		t.Error("one client locks another out")
	}
	clk.Advance(time.Minute)
	if !l.take(outside("a", "x")) || l.take(outside("a", "x")) {
		t.Error("after a minute there should be one more attempt")
	}
	l.giveBack(outside("a", "x"))
	if !l.take(outside("a", "x")) {
		t.Error("an attempt given back is lost")
	}
	allowed := 0
	for i := range 100 { // from everywhere against one account
		if l.take(outside(fmt.Sprint("c", i), "victim")) {
			allowed++
		}
	}
	if allowed != 50 {
		t.Errorf("%d attempts on one account", allowed)
	}
	clk.Advance(6 * time.Second)
	if !l.take(outside("owner", "victim")) {
		t.Error("the owner is locked out for long")
	}
}

func TestLimiterWithoutClient(t *testing.T) {
	clk := clock.Fixed(start)
	l := newLimiter(clk)
	for i := range 50 {
		if !l.take(outside("", "x")) {
			t.Fatalf("attempt %d refused", i+1)
		}
		if i < 25 {
			l.giveBack(outside("", "x"))
			l.take(outside("", "x"))
		}
	}
	if l.take(outside("", "x")) {
		t.Error("the account has no limit")
	}
	if !l.take(outside("", "y")) {
		t.Error("one account locks another out")
	}
}

func TestLimiterForgets(t *testing.T) {
	clk := clock.Fixed(start)
	l := newLimiter(clk)
	for i := range 3 * maxBuckets / 2 {
		l.take(outside(fmt.Sprint("client", i), fmt.Sprint("account", i)))
	}
	if len(l.buckets) > maxBuckets+2 {
		t.Errorf("%d buckets", len(l.buckets))
	}
	clk.Advance(10 * time.Minute)
	l.take(outside("a", "b"))
	if len(l.buckets) != 2 {
		t.Errorf("%d buckets after ten minutes", len(l.buckets))
	}
	if strings.Contains(fmt.Sprint(l.buckets), "client") {
		t.Error("names are kept")
	}
}

func TestSignInLimit(t *testing.T) {
	s, clk := service(dbtest.SQLite(t, migrate))
	p := add(t, s, "ana@example.org", Analyst)
	for range 20 { // successes cost nothing
		must[string](t)(s.signIn(t.Context(), p.Email, goodPassword, "c"))
	}
	for range 10 {
		_, err := s.signIn(t.Context(), p.Email, "wrong", "c")
		wantKind(t, "wrong password", err, errs.Invalid)
	}
	_, err := s.signIn(t.Context(), p.Email, goodPassword, "c")
	wantKind(t, "after ten failures", err, errs.TooMany)
	if _, err := s.signIn(t.Context(), p.Email, goodPassword, "other"); err != nil {
		t.Errorf("the owner elsewhere: %v", err)
	}
	clk.Advance(time.Minute)
	if _, err := s.signIn(t.Context(), p.Email, goodPassword, "c"); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

// TestUnknownAccountTakesAsLong compares medians. Without the dummy hash the ratio is about 100.
func TestUnknownAccountTakesAsLong(t *testing.T) {
	s, _ := service(dbtest.SQLite(t, migrate))
	p := add(t, s, "ana@example.org", Analyst)
	waiting, _, err := s.Create(t.Context(), NewPerson{Email: "wait@example.org", Name: "W", Role: Analyst})
	if err != nil {
		t.Fatal(err)
	}
	disabled := add(t, s, "gone@example.org", Analyst)
	if err := s.Disable(t.Context(), audit.Console, disabled.ID); err != nil {
		t.Fatal(err)
	}
	protected := add(t, s, "app@example.org", Analyst)
	addApp(t, s, s.clock, enter(t, s, protected, Full).Token)
	others := []string{"nobody@example.org", waiting.Email, disabled.Email, protected.Email, "not an address"}
	took := make(map[string][]time.Duration)
	texts := make(map[string]bool)
	for i := range 15 {
		for _, email := range append([]string{p.Email}, others...) {
			began := time.Now()
			_, err := s.signIn(t.Context(), email, "a wrong password, long enough", fmt.Sprint(i, email))
			took[email] = append(took[email], time.Since(began))
			wantKind(t, email, err, errs.Invalid)
			texts[err.Error()] = true
		}
	}
	if len(texts) != 1 {
		t.Errorf("the errors differ: %v", texts)
	}
	median := func(email string) float64 {
		slices.Sort(took[email])
		return took[email][len(took[email])/2].Seconds()
	}
	for _, email := range others {
		if ratio := median(email) / median(p.Email); ratio < .6 || ratio > 1.7 {
			t.Errorf("%s takes %.2f times as long as a known account", email, ratio)
		}
	}
}

func TestPasswords(t *testing.T) {
	for password, want := range map[string]string{
		goodPassword:                "",
		"fourteen chars":            "people.error.password_short",
		"خمس عشرة حرفا هنا":         "",
		"ababababababababab":        "people.error.password_weak",
		"somebody@example.org":      "people.error.password_weak",
		strings.Repeat("abcde", 41): "people.error.password_long",
	} {
		err := checkPassword(password, "somebody@example.org")
		e, _ := errs.Find(err)
		if (err == nil) != (want == "") || (e != nil && e.Key != want) {
			t.Errorf("%.20q: %v, want %q", password, err, want)
		}
	}
}

func TestHash(t *testing.T) {
	h := newHasher()
	phc := must[string](t)(h.hash(t.Context(), "Cafe\u0301 au lait noir"))
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %q", phc)
	}
	for password, want := range map[string]bool{"Café au lait noir": true, "cafe au lait noir": false, "": false} {
		if got := must[bool](t)(h.check(t.Context(), password, phc)); got != want {
			t.Errorf("%q: %v", password, got)
		}
	}
	for _, bad := range []string{"", "$2a$10$abc", "$argon2id$v=18$m=19456,t=2,p=1$AAAA$AAAA", "$argon2id$v=19$m=x$AAAA$AAAA", "$argon2id$v=19$m=19456,t=2,p=1$!$AAAA", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$!"} {
		if ok, err := h.check(t.Context(), "x", bad); ok || err == nil {
			t.Errorf("%q: %v, %v", bad, ok, err)
		}
	}
	if ok, err := h.check(t.Context(), "", h.dummy); ok || err != nil {
		t.Errorf("dummy: %v, %v", ok, err)
	}
}

// storageText gives every text of the three tables.
func storageText(t *testing.T, db *storage.DB) (all []string, err error) {
	for _, query := range []string{
		"SELECT email || name || password FROM person", "SELECT hash || person_id FROM person_session", "SELECT hash FROM person_link",
	} {
		list, err := storage.All(t.Context(), db.Read(), scanText, query)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// TestNothingSecretIsStored looks through the tables for passwords and tokens.
func TestNothingSecretIsStored(t *testing.T) {
	db := dbtest.SQLite(t, migrate)
	s, _ := service(db)
	p := add(t, s, "ana@example.org", Analyst)
	session := must[string](t)(s.signIn(t.Context(), p.Email, goodPassword, "192.0.2.77"))
	_, link, err := s.Create(t.Context(), NewPerson{Email: "b@example.org", Name: "B", Role: Analyst})
	if err != nil {
		t.Fatal(err)
	}
	rows := must[[]string](t)(storageText(t, db))
	text := strings.Join(rows, "\n")
	if !strings.Contains(text, "ana@example.org") {
		t.Fatal("nothing was read")
	}
	for _, secret := range []string{goodPassword, session, link, "192.0.2.77"} {
		if strings.Contains(text, secret) {
			t.Errorf("the database holds %q", secret)
		}
	}
}
