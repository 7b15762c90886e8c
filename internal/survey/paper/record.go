package paper

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"adili/form"
	"adili/internal/survey/ballot"
)

// recordStep rounds record sizes up, so that the two questionnaires of a round
// share one size.
const recordStep = 32

func roundUp(n, step int) int { return (n + step - 1) / step * step }

// AnswerSize is the plain size of an answer record: stratum, population, the
// longer of the packed questionnaires.
func AnswerSize(questionnaires map[form.Population]*form.Questionnaire) int {
	n := 0
	for _, q := range questionnaires {
		n = max(n, q.RecordSize())
	}
	return roundUp(3+n, recordStep)
}

// OpinionSize is the plain size of a record with one open answer.
func OpinionSize(questionnaires map[form.Population]*form.Questionnaire) int {
	n := 0
	for _, q := range questionnaires {
		for _, it := range q.Items() {
			if it.Kind == form.OpenAnswer {
				n = max(n, len(it.ID)+4*it.MaxLength) // four bytes a character at most in UTF-8
			}
		}
	}
	return roundUp(4+n, recordStep)
}

// PackAnswers is what is sealed of the closed answers: the collection stratum
// is the only thing in it that was not answered.
func PackAnswers(d *Draft, stratum int, q *form.Questionnaire, size int) []byte {
	record := make([]byte, size)
	binary.LittleEndian.PutUint16(record, uint16(stratum))
	record[2] = kindBytes[d.Kind]
	copy(record[3:], q.Pack(d.Answers))
	return record
}

// UnpackAnswers reads what PackAnswers wrote.
func UnpackAnswers(record []byte, questionnaires map[form.Population]*form.Questionnaire) (kind form.Population, stratum int, answers form.Answers, err error) {
	kind = form.Official
	if record[2] == kindBytes[form.Private] {
		kind = form.Private
	}
	q := questionnaires[kind]
	if q == nil || len(record) < 3+q.RecordSize() {
		return "", 0, nil, fmt.Errorf("answer record of %d bytes for %s", len(record), kind)
	}
	answers, err = q.Unpack(record[3 : 3+q.RecordSize()])
	return kind, AnswerStratum(record), answers, err
}

// AnswerStratum is the collection stratum in a record PackAnswers made.
func AnswerStratum(record []byte) int { return int(binary.LittleEndian.Uint16(record)) }

// Packed is one open answer ready to be put away.
type Packed struct {
	Mark   ballot.Mark
	Record []byte
}

// Opinion is one open answer, cut loose from all others.
type Opinion struct {
	Kind form.Population `json:"kind"`
	Item string          `json:"item"`
	Text string          `json:"text"`
}

// PackOpinions makes a record of every open answer, each with a mark of its
// own: two open answers of one person cannot be put together either.
func PackOpinions(d *Draft, q *form.Questionnaire, size int) []Packed {
	var all []Packed
	settled := q.Settle(d.Answers)
	for _, it := range q.Items() {
		text := settled[it.ID].Text
		if it.Kind != form.OpenAnswer || text == "" {
			continue
		}
		record := make([]byte, 0, size)
		record = append(record, kindBytes[d.Kind], byte(len(it.ID)))
		record = binary.LittleEndian.AppendUint16(record, uint16(len(text)))
		record = append(append(record, it.ID...), text...)
		record = append(record, make([]byte, size-len(record))...)
		all = append(all, Packed{d.Mark("open answer " + it.ID), record})
	}
	return all
}

// UnpackOpinion reads one record PackOpinions made.
func UnpackOpinion(record []byte) (Opinion, error) {
	o := Opinion{Kind: form.Official}
	if len(record) < 4 {
		return o, fmt.Errorf("open answer record of %d bytes", len(record))
	}
	if record[0] == kindBytes[form.Private] {
		o.Kind = form.Private
	}
	id, text := int(record[1]), int(binary.LittleEndian.Uint16(record[2:]))
	rest := record[4:]
	if id+text > len(rest) || bytes.ContainsFunc(rest[id+text:], func(r rune) bool { return r != 0 }) {
		return o, fmt.Errorf("open answer record of %d bytes does not hold what it says", len(record))
	}
	o.Item, o.Text = string(rest[:id]), string(rest[id:id+text])
	return o, nil
}
