// Package paper is the answers of one person on their way: the draft that
// travels sealed in the form while the questionnaire is filled in, and the
// records of one size that the answers are packed into once they are sent. It
// keeps nothing.
package paper

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"adili/form"
	"adili/internal/survey/ballot"
	"adili/internal/survey/code"
)

// Draft is a questionnaire being filled in. It is kept nowhere but in the
// page that the respondent sees, sealed so that neither the respondent nor
// anything in between can read or change it.
type Draft struct {
	Number  [16]byte // drawn by chance; tells a form sent twice from two forms
	Kind    form.Population
	Stratum int       // of the code's prefix, or of the open link
	Code    code.Code // empty when answering by the open link
	Page    int       // page of the questionnaire; -1 is the welcome, one past the last the summary
	Answers form.Answers
}

// ErrDraft means that the sealed draft was altered, belongs to another round,
// or is older than the round's form key.
var ErrDraft = errors.New("the form was altered or belongs to another survey")

// Sizes of a sealed draft are multiples of draftStep, so that its length tells
// little about how much was answered.
const draftStep = 256

// Mark is the hash by which one side recognises a draft sent again. The code
// table and the answer files use different purposes, so what stands in one
// cannot be found in the other.
func (d *Draft) Mark(purpose string) ballot.Mark {
	h := sha256.New()
	fmt.Fprintf(h, "adili %s\x00", purpose)
	h.Write(d.Number[:])
	return ballot.Mark(h.Sum(nil))
}

// Key seals the drafts of one round.
type Key struct {
	aead  cipher.AEAD
	round string
}

// NewKey makes the key of a round's drafts from 32 secret bytes.
func NewKey(secret []byte, round string) (*Key, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("read the form key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("read the form key: %w", err)
	}
	return &Key{aead, round}, nil
}

// Seal returns the draft as text for a hidden field.
func (k *Key) Seal(d *Draft, q *form.Questionnaire) (string, error) {
	plain := d.encode(q)
	padded := make([]byte, (len(plain)+draftStep-1)/draftStep*draftStep)
	copy(padded, plain)
	nonce := make([]byte, k.aead.NonceSize(), k.aead.NonceSize()+len(padded)+k.aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return "", fmt.Errorf("seal a form: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(k.aead.Seal(nonce, nonce, padded, []byte(k.round))), nil
}

// Open reads what Seal wrote. The questionnaire depends on the population, so
// it is looked up by find.
func (k *Key) Open(sealed string, find func(form.Population) *form.Questionnaire) (*Draft, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(raw) < k.aead.NonceSize() {
		return nil, ErrDraft
	}
	nonce, box := raw[:k.aead.NonceSize()], raw[k.aead.NonceSize():]
	plain, err := k.aead.Open(nil, nonce, box, []byte(k.round))
	if err != nil {
		return nil, ErrDraft
	}
	return decodeDraft(plain, find)
}

var kindBytes = map[form.Population]byte{form.Official: 'o', form.Private: 'p'}

func (d *Draft) encode(q *form.Questionnaire) []byte {
	b := append([]byte{kindBytes[d.Kind]}, d.Number[:]...)
	b = binary.LittleEndian.AppendUint16(b, uint16(d.Stratum))
	b = binary.LittleEndian.AppendUint16(b, uint16(d.Page+1))
	b = append(b, byte(len(d.Code)))
	b = append(b, d.Code...)
	b = append(b, q.Pack(d.Answers)...)
	for _, it := range q.Items() {
		if it.Kind == form.OpenAnswer {
			text := d.Answers[it.ID].Text
			b = binary.LittleEndian.AppendUint16(b, uint16(len(text)))
			b = append(b, text...)
		}
	}
	return b
}

// decodeDraft reads what encode wrote. The bytes are authentic, but a
// questionnaire changed under an open form must not crash it.
func decodeDraft(b []byte, find func(form.Population) *form.Questionnaire) (*Draft, error) {
	d := &Draft{Kind: form.Official}
	take := func(n int) []byte {
		if n > len(b) {
			b = nil
			return make([]byte, n)
		}
		part := b[:n]
		b = b[n:]
		return part
	}
	if take(1)[0] == kindBytes[form.Private] {
		d.Kind = form.Private
	}
	copy(d.Number[:], take(len(d.Number)))
	d.Stratum = int(binary.LittleEndian.Uint16(take(2)))
	d.Page = int(binary.LittleEndian.Uint16(take(2))) - 1
	d.Code = code.Code(take(int(take(1)[0])))
	q := find(d.Kind)
	if q == nil || d.Page > len(q.Pages) {
		return nil, ErrDraft
	}
	answers, err := q.Unpack(take(q.RecordSize()))
	if err != nil {
		return nil, ErrDraft
	}
	for _, it := range q.Items() {
		if it.Kind != form.OpenAnswer {
			continue
		}
		if text := take(int(binary.LittleEndian.Uint16(take(2)))); len(text) > 0 {
			answers[it.ID] = form.Answer{Code: 1, Text: string(text)}
		}
	}
	if b == nil {
		return nil, ErrDraft
	}
	d.Answers = answers
	return d, nil
}
