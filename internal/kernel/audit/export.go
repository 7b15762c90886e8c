package audit

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// The formats of Export.
const (
	CSV   = "csv"   // with a line of headings
	JSONL = "jsonl" // one JSON object a line, in canonical form
)

// Export writes the whole trail, oldest first, with the hashes, so that anybody can verify the chain without Adili: see
// docs/guide/trail.md. It gives what is stored, broken or not.
func Export(ctx context.Context, q storage.Querier, w io.Writer, format string) (err error) {
	defer errs.Wrap(&err, "audit.Export")
	out := bufio.NewWriter(w)
	table := csv.NewWriter(out) // writes nothing unless asked to
	var write func(Entry) error
	switch format {
	case CSV:
		if err := table.Write([]string{"seq", "at", "actor_id", "actor", "action", "object", "detail", "hash"}); err != nil {
			return err
		}
		write = func(e Entry) error { return table.Write(e.fields()) }
	case JSONL:
		write = func(e Entry) error { _, err := out.WriteString(e.canonical(link(e.Hash)) + "\n"); return err }
	default:
		return errs.New(errs.Invalid, errs.Invalid.Key()).Because(fmt.Errorf("no format %q: csv or jsonl", format))
	}
	if err := walk(ctx, q, write); err != nil {
		return err
	}
	table.Flush()
	return errors.Join(table.Error(), out.Flush())
}

// fields gives the entry's columns of a CSV file.
func (e Entry) fields() []string {
	fields := []string{strconv.FormatInt(e.Seq, 10), stamp(e.At), e.Actor.ID, e.Actor.Name, e.Action, e.Object, encodeDetail(e.Detail), link(e.Hash)}
	for i, text := range fields {
		// A spreadsheet would run these as formulas. An apostrophe that is there gets one more, so that whoever verifies
		// the chain takes one off and has the text as it was.
		if first, _ := utf8.DecodeRuneInString(text); strings.ContainsRune("'=+-@＝＋－＠", first) && text != "" {
			fields[i] = "'" + text
		}
	}
	return fields
}
