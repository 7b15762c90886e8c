package readiness

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
)

// Said is a finding in words.
type Said struct {
	Key    string `json:"key"`
	State  State  `json:"state"`
	Title  string `json:"title"`
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"`
}

// Say puts findings into the printer's language.
func Say(p *i18n.Printer, findings []Finding) []Said {
	said := make([]Said, len(findings))
	for i, f := range findings {
		args := words(p, f.Args)
		said[i] = Said{Key: f.Key, State: f.State, Title: p.T("readiness.title." + f.Key), Text: p.T(f.Text, args...)}
		if f.Remedy != "" {
			said[i].Remedy = p.T(f.Remedy, args...)
		}
	}
	return said
}

// words puts arguments of texts into the language.
func words(p *i18n.Printer, args []any) []any {
	said := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case time.Time:
			said[i] = p.Date(a.UTC())
		case Bytes:
			said[i] = apart(p, a.in(p))
		case int:
			said[i] = p.Int(a)
		case error:
			said[i] = apart(p, reason(p, a))
		case string:
			if said[i] = any(a); i%2 == 1 { // a value
				said[i] = apart(p, a)
			}
		default:
			said[i] = a
		}
	}
	return said
}

// apart keeps an address or a message from another program in one piece where text runs from right to left.
func apart(p *i18n.Printer, s string) string {
	if p.Dir() != "rtl" {
		return s
	}
	return "\u2068" + s + "\u2069" // first strong isolate, pop directional isolate
}

// reason says an error: in words when it was made for readers, else as it is. It is for operators only.
func reason(p *i18n.Printer, err error) string {
	if e, ok := errs.Find(err); ok && e.Key != e.Kind.Key() && p.Has(e.Key) {
		return p.T(e.Key, e.Args...)
	}
	return err.Error()
}

// in writes an amount with two or three digits, such as "1.5 GB".
func (b Bytes) in(p *i18n.Printer) string {
	x, unit := float64(b), 0
	units := []string{"B", "kB", "MB", "GB", "TB"}
	for x >= 999.5 && unit < len(units)-1 {
		x /= 1000
		unit++
	}
	digits := 0
	if x < 9.95 && unit > 0 && math.Round(x*10) != math.Round(x)*10 {
		digits = 1
	}
	return p.Decimal(x, digits) + " " + units[unit]
}

// Write tells the findings as text, one or two lines each, with a last line that sums them up.
func Write(w io.Writer, p *i18n.Printer, findings []Finding) error {
	var b strings.Builder
	for _, s := range Say(p, findings) {
		fmt.Fprintf(&b, "%s %s: %s\n", mark(s.State), s.Title, s.Text)
		if s.Remedy != "" {
			fmt.Fprintf(&b, "        → %s\n", s.Remedy)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", p.T("readiness.sum."+string(Worst(findings))))
	_, err := io.WriteString(w, b.String())
	return err
}

// mark is a state for the eye and for grep, the same in all languages.
func mark(s State) string {
	return map[State]string{OK: "[ ok  ]", Warn: "[ warn]", Bad: "[ BAD ]", Unknown: "[  ?  ]"}[s]
}

// WriteJSON tells the findings for programs: keys and states are the same in all languages.
func WriteJSON(w io.Writer, p *i18n.Printer, findings []Finding) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(struct {
		State    State  `json:"state"`
		Findings []Said `json:"findings"`
	}{Worst(findings), Say(p, findings)})
}

// Language gives the language of the operator: the one asked for, else that of the environment, else English. lookup is
// os.LookupEnv.
func Language(asked string, lookup func(string) (string, bool)) string {
	for _, wish := range []string{asked, env(lookup, "LC_ALL"), env(lookup, "LC_MESSAGES"), env(lookup, "LANG")} {
		wish, _, _ = strings.Cut(wish, ".")
		wish, _, _ = strings.Cut(wish, "_")
		if wish = strings.ToLower(wish); i18n.Known(wish) {
			return wish
		}
		if wish == "c" || wish == "posix" {
			break // a script that wants no language
		}
	}
	return "en"
}

func env(lookup func(string) (string, bool), name string) string {
	value, _ := lookup(name)
	return value
}
