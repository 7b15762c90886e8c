package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// Head is the number and hash of a trail's last entry at some time. Kept elsewhere, it tells whether the trail was cut or
// written anew since. The zero value is that of an empty trail.
type Head struct {
	Seq  int64
	Hash []byte
}

// String gives the head as it stands in logs and backups, such as "7:2c26b46b…", with all 64 digits.
func (h Head) String() string { return strconv.FormatInt(h.Seq, 10) + ":" + link(h.Hash) }

// ParseHead reads what String gave.
func ParseHead(s string) (Head, error) {
	number, digits, _ := strings.Cut(strings.TrimSpace(s), ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	hash, hexErr := hex.DecodeString(digits)
	if err != nil || hexErr != nil || seq < 0 || len(hash) != sha256.Size || seq == 0 && link(hash) != link(nil) {
		return Head{}, errs.New(errs.Invalid, errs.Invalid.Key()).Because(fmt.Errorf("not the head of a trail: %q", s))
	}
	if seq == 0 {
		return Head{}, nil
	}
	return Head{seq, hash}, nil
}

// link is how a hash stands before the next entry.
func link(hash []byte) string {
	if len(hash) == 0 {
		hash = make([]byte, sha256.Size)
	}
	return hex.EncodeToString(hash)
}

// sum gives the hash of the entry after the one with the hash before.
func (e Entry) sum(before []byte) []byte {
	sum := sha256.Sum256([]byte(link(before) + e.canonical("")))
	return sum[:]
}

// canonical gives the entry as JSON in the form of RFC 8785, with the hash if one is given.
func (e Entry) canonical(hash string) string {
	var b strings.Builder
	b.WriteString(`{"action":` + quote(e.Action) + `,"actor":` + quote(e.Actor.Name) + `,"actor_id":` + quote(e.Actor.ID))
	b.WriteString(`,"at":` + quote(stamp(e.At)) + `,"detail":` + encodeDetail(e.Detail))
	if hash != "" {
		b.WriteString(`,"hash":` + quote(hash))
	}
	b.WriteString(`,"object":` + quote(e.Object) + `,"seq":` + strconv.FormatInt(e.Seq, 10) + `}`)
	return b.String()
}

// stamp writes a time as it is hashed and exported.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func encodeDetail(detail []Pair) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, p := range detail {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("[" + quote(p.Name) + "," + quote(p.Value) + "]")
	}
	b.WriteByte(']')
	return b.String()
}

// quote writes a JSON string as RFC 8785 asks, which is what JSON.stringify of ECMAScript gives. Package encoding/json
// escapes more than that.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= ' ':
			b.WriteRune(r)
		case strings.ContainsRune("\b\t\n\f\r", r):
			b.WriteString(map[rune]string{'\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`}[r])
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// The ways in which a trail can be broken.
const (
	Altered   = "altered"   // the entry does not fit its hash
	Missing   = "missing"   // the entry is not there, but a later one is
	Cut       = "cut"       // the trail ends before an entry that was known
	Rewritten = "rewritten" // the entry fits the chain, but is not the one that was known
)

// Broken is the error of Verify: the first entry at which the trail is broken, and how.
type Broken struct {
	Seq int64
	How string
}

// Error implements error.
func (b *Broken) Error() string {
	switch b.How {
	case Missing:
		return fmt.Sprintf("the trail is broken: entry %d is missing", b.Seq)
	case Cut:
		return fmt.Sprintf("the trail is broken: it ends before entry %d, which was there once", b.Seq)
	case Rewritten:
		return fmt.Sprintf("the trail is broken: entry %d or one before it was written anew", b.Seq)
	}
	return fmt.Sprintf("the trail is broken: entry %d, or the order of entries there, was altered", b.Seq)
}

// verifyStep is how many entries are read at a time.
const verifyStep = 1000

// Verify walks the whole trail and gives its head. It holds the trail against the known heads, in any order, which were
// noted earlier. The error is a *Broken when the trail is not what was written.
func Verify(ctx context.Context, q storage.Querier, known ...Head) (head Head, err error) {
	defer errs.Wrap(&err, "audit.Verify")
	remembered := make(map[int64][]byte, len(known))
	farthest := int64(0)
	for _, k := range known {
		if old, ok := remembered[k.Seq]; ok && !bytes.Equal(old, k.Hash) {
			return head, &Broken{k.Seq, Rewritten}
		}
		remembered[k.Seq] = k.Hash
		farthest = max(farthest, k.Seq)
	}
	err = walk(ctx, q, func(e Entry) error {
		if e.Seq != head.Seq+1 {
			return &Broken{head.Seq + 1, Missing}
		}
		if !bytes.Equal(e.Hash, e.sum(head.Hash)) {
			return &Broken{e.Seq, Altered}
		}
		if hash, ok := remembered[e.Seq]; ok && !bytes.Equal(hash, e.Hash) {
			return &Broken{e.Seq, Rewritten}
		}
		head = Head{e.Seq, e.Hash}
		return nil
	})
	if err == nil && head.Seq < farthest {
		err = &Broken{head.Seq + 1, Cut}
	}
	return head, err
}

// walk hands all entries to f, from the first on.
func walk(ctx context.Context, q storage.Querier, f func(Entry) error) error {
	after := int64(-1 << 62) // a number below 1 would be somebody's forgery, and must be seen
	for {
		entries, err := Entries(ctx, q, after, verifyStep)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := f(e); err != nil {
				return err
			}
			after = e.Seq
		}
		if len(entries) < verifyStep {
			return nil
		}
	}
}
