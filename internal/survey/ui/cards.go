package ui

import (
	"strings"

	"adili/internal/kernel/i18n"
	"adili/internal/kernel/qr"
	"adili/internal/kernel/web"
	"adili/internal/survey"
)

type cardsView struct {
	Header   Header
	Class    string // of the sheet, by how much text a card has to carry
	Title    string
	Lang     string
	Dir      string
	Invented string
	Address  string
	Batches  []CardBatch
	Count    string
	Few      string // about strata with few codes
	Back     string
}

// CardBatch is the cards of one collection stratum.
type CardBatch struct {
	Label string
	Texts []CardText
	Cards []Card
}

// CardText is what a card says in one language.
type CardText struct {
	Lang, Dir        string
	Invite, One, Own string
}

// Card is one card: a square code and the code in writing.
type Card struct {
	Code string
	QR   qr.Square
}

// showCards is the sheet of cards. The codes are in this page and nowhere else.
func (m *Room) showCards(r *web.Request, p place, batches []survey.Batch) (web.Reply, error) {
	lang := p.Languages[0]
	t := m.cards.Printer(lang)
	v := cardsView{
		Header: p.header(r, "", nil, nil), Class: cardClass(len(p.Languages)), Lang: lang, Dir: i18n.Dir(lang),
		Title: p.Title[lang], Back: p.popURL("invitations"),
	}
	if v.Title == "" {
		v.Title = t.T("rounds.card.title")
	}
	if p.Invented {
		v.Invented = t.T("rounds.card.invented")
	}
	address := p.address(r, lang)
	v.Address = strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
	count := 0
	var few []string
	for _, b := range batches {
		batch := CardBatch{Label: b.Stratum.Label}
		total := p.pop.Plan.Invited[b.Stratum.Number] + len(b.Codes)
		for _, lang := range p.Languages {
			batch.Texts = append(batch.Texts, m.cardText(lang, b.Stratum, total))
		}
		for _, c := range b.Codes {
			square, err := qr.Draw(address + "#" + c.String())
			if err != nil {
				return nil, err
			}
			batch.Cards = append(batch.Cards, Card{Code: c.Groups(), QR: square})
		}
		if total < fewCodes {
			few = append(few, stratumLabel(r.Printer, b.Stratum))
		}
		count += len(b.Codes)
		v.Batches = append(v.Batches, batch)
	}
	v.Few = fewText(r.Printer, few)
	v.Count = r.Printer.N("rounds.cards_n", count)
	return m.page.cards.Reply(r, "rounds.cards", v), nil
}

// cardClass is the size of the cards: ten on a sheet with one language, five
// with up to four, four with more.
func cardClass(languages int) string {
	switch {
	case languages <= 1:
		return "cards-sheet"
	case languages <= 4:
		return "cards-sheet cards-wide"
	}
	return "cards-sheet cards-wide cards-tall"
}

func (m *Room) cardText(lang string, st survey.Stratum, total int) CardText {
	t := m.cards.Printer(lang)
	text := CardText{Lang: lang, Dir: i18n.Dir(lang), Invite: t.T("rounds.card.invite"), Own: t.T("rounds.card.own")}
	if st.Label == "" {
		text.One = t.N("rounds.card.one_of_all", total)
	} else {
		text.One = t.N("rounds.card.one", total, "Label", st.Label)
	}
	return text
}
