package form

import (
	"encoding/binary"
	"fmt"
)

// RecordSize is the number of bytes Pack returns for q: one for an agreement
// or single item, three for a multi item, none for open answers.
func (q *Questionnaire) RecordSize() int {
	n := 0
	for _, it := range q.Items() {
		n += width(it)
	}
	return n
}

func width(it Item) int {
	switch it.Kind {
	case OpenAnswer:
		return 0
	case Multi:
		return 3
	}
	return 1
}

// Pack writes the closed answers of one person in the order of the items. The
// record has the same size for everybody and holds nothing but answer codes.
func (q *Questionnaire) Pack(answers Answers) []byte {
	settled := q.Settle(answers)
	record := make([]byte, 0, q.RecordSize())
	for _, it := range q.Items() {
		if it.Kind == OpenAnswer {
			continue
		}
		a := settled[it.ID]
		switch asked := q.Asked(it, settled); {
		case !asked:
			a = Answer{Code: NotAsked}
		case a.Code == NotAsked: // packed earlier, before the filter answer was changed
			a = Answer{}
		}
		record = append(record, byte(a.Code))
		if it.Kind == Multi {
			record = binary.LittleEndian.AppendUint16(record, a.Set)
		}
	}
	return record
}

// Unpack reads what Pack wrote.
func (q *Questionnaire) Unpack(record []byte) (Answers, error) {
	if len(record) != q.RecordSize() {
		return nil, fmt.Errorf("answer record of %s %s: %d bytes, want %d", q.ID, q.Version, len(record), q.RecordSize())
	}
	answers := Answers{}
	for _, it := range q.Items() {
		if it.Kind == OpenAnswer {
			continue
		}
		a := Answer{Code: Code(record[0])}
		if it.Kind == Multi {
			a.Set = binary.LittleEndian.Uint16(record[1:])
		}
		record = record[width(it):]
		if a.Code != Unanswered {
			answers[it.ID] = a
		}
	}
	return answers, nil
}
