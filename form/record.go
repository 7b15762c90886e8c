package form

import (
	"encoding/binary"
	"fmt"
	"math"
)

// RecordSize is the number of bytes Pack returns for q: one for an agreement,
// single or acknowledge item, three for a multi item of up to 16 choices and
// nine for a longer one, nine for a number or date, none for the rest.
func (q *Questionnaire) RecordSize() int {
	n := 0
	q.each(func(it *Item) { n += width(it) })
	return n
}

// each calls f for every item in the order asked, of groups for what is in
// them, and for none below an unasked one.
func (q *Questionnaire) each(f func(it *Item)) {
	for i := range q.Pages {
		eachOf(q.Pages[i].Items, f)
	}
}

func eachOf(items []Item, f func(it *Item)) {
	for i := range items {
		if items[i].Kind == Group {
			eachOf(items[i].Items, f)
			continue
		}
		f(&items[i])
	}
}

func width(it *Item) int {
	switch {
	case it.Kind == OpenAnswer || !it.Kind.Answered():
		return 0
	case it.Kind.Numeric() || it.Kind == Multi && len(it.Choices) > narrow:
		return 9
	case it.Kind == Multi:
		return 3
	}
	return 1
}

// Pack writes the closed answers of one person in the order of the items. The
// record has the same size for everybody and holds nothing but answer codes
// and numbers.
func (q *Questionnaire) Pack(answers Answers) []byte {
	s := q.sit(answers)
	record := make([]byte, 0, q.RecordSize())
	q.each(func(it *Item) {
		bytes := width(it)
		if bytes == 0 {
			return
		}
		a := answers[it.ID]
		switch {
		case !s.isAsked(it):
			a = Answer{Code: NotAsked}
		case a.Code == NotAsked: // packed earlier, before the filter answer was changed
			a = Answer{}
		}
		record = append(record, byte(a.Code))
		switch {
		case it.Kind.Numeric():
			record = binary.LittleEndian.AppendUint64(record, math.Float64bits(a.Number))
		case bytes == 3:
			record = binary.LittleEndian.AppendUint16(record, uint16(a.Set))
		case bytes == 9:
			record = binary.LittleEndian.AppendUint64(record, a.Set)
		}
	})
	return record
}

// Unpack reads what Pack wrote.
func (q *Questionnaire) Unpack(record []byte) (Answers, error) {
	if size := q.RecordSize(); len(record) != size {
		return nil, fmt.Errorf("answer record of %s %s: %d bytes, want %d", q.ID, q.Version, len(record), size)
	}
	answers := make(Answers, len(record))
	q.each(func(it *Item) {
		bytes := width(it)
		if bytes == 0 {
			return
		}
		a := Answer{Code: Code(record[0])}
		switch {
		case it.Kind.Numeric():
			a.Number = math.Float64frombits(binary.LittleEndian.Uint64(record[1:]))
		case bytes == 3:
			a.Set = uint64(binary.LittleEndian.Uint16(record[1:]))
		case bytes == 9:
			a.Set = binary.LittleEndian.Uint64(record[1:])
		}
		record = record[bytes:]
		if a.Code != Unanswered {
			answers[it.ID] = a
		}
	})
	return answers, nil
}
