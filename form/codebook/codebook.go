// Package codebook documents a version of a questionnaire for whoever analyses
// its data: every variable with its question, codes, missing codes, and the
// condition under which it was asked. It makes the entries of a printed
// codebook, and a DDI-Codebook 2.5 document (DDI Alliance, 2012).
package codebook

import (
	"adili/form"
)

// Variable is one column of the data.
type Variable struct {
	Name      string
	Item      string // the item it comes from; several variables of one multi item share it
	Page      int    // from 0, in Questionnaire.Pages
	Kind      form.Kind
	Role      form.Role
	Factor    int
	Reverse   bool
	Sensitive form.Sensitivity
	Window    int
	Text      form.Text
	Hint      form.Text
	Guidance  form.Text
	Option    form.Text // of a multi item's variable: the choice that it is about
	Codes     []Code
	Min, Max  float64 // of a range, where Max > Min
	Relevant  string  // expression, "" for always
	Constrain string
	Calculate string
	Same      []string // earlier versions whose answers mean the same
	Indirect  *form.Pair
}

// Code is a value of a variable.
type Code struct {
	Value   string
	Label   form.Text
	Missing bool // says why there is no answer
}

// The codes of answers that nobody chose. The three a respondent can choose
// bear the names of form.Code.
const (
	NotAsked   = "not_asked"
	Unanswered = "unanswered"
)

var (
	notAsked   = form.Text{"en": "Not asked: a condition led past it", "fr": "Non posée : une condition l’a écartée", "es": "No preguntada: una condición la omitió", "pt": "Não perguntada: uma condição omitiu-a", "ar": "لم يُطرح: استبعده شرط", "ru": "Не задан: пропущен по условию", "zh": "未提问：因条件跳过"}
	unanswered = form.Text{"en": "Seen and left blank", "fr": "Vue et laissée sans réponse", "es": "Vista y dejada en blanco", "pt": "Vista e deixada em branco", "ar": "عُرض وتُرك دون إجابة", "ru": "Показан и оставлен без ответа", "zh": "已看到但未作答"}
	chosen     = form.Text{"en": "Chosen", "fr": "Choisi", "es": "Elegida", "pt": "Escolhida", "ar": "مختار", "ru": "Выбрано", "zh": "已选"}
	notChosen  = form.Text{"en": "Not chosen", "fr": "Non choisi", "es": "No elegida", "pt": "Não escolhida", "ar": "غير مختار", "ru": "Не выбрано", "zh": "未选"}
)

// Variables lists the columns of the data of q in their order. An item that
// nobody is asked has none, but for calculations.
func Variables(q *form.Questionnaire) []Variable {
	var all []Variable
	for i, page := range q.Pages {
		outer := ""
		if page.Relevant != nil {
			outer = page.Relevant.Source()
		}
		all = items(q, i, page.Items, outer, all)
	}
	return all
}

func items(q *form.Questionnaire, page int, list []form.Item, outer string, all []Variable) []Variable {
	for i := range list {
		it := &list[i]
		relevant := outer
		if it.Relevant != nil {
			relevant = both(outer, it.Relevant.Source())
		}
		if it.Kind == form.Group {
			all = items(q, page, it.Items, relevant, all)
			continue
		}
		if !it.Kind.Answered() && it.Kind != form.Calculate {
			continue
		}
		v := Variable{
			Name: it.ID, Item: it.ID, Page: page, Kind: it.Kind, Role: it.Role, Factor: it.Factor, Reverse: it.Reverse, Sensitive: it.Sensitivity,
			Window: it.Window, Text: it.Text, Hint: it.Hint, Guidance: it.Guidance, Relevant: relevant, Same: it.Equivalent, Indirect: it.Pair,
		}
		if it.Constraint != nil {
			v.Constrain = it.Constraint.Source()
		}
		if it.Calculation != nil {
			v.Calculate = it.Calculation.Source()
		}
		all = append(all, spread(q, it, v)...)
	}
	return all
}

// both joins two conditions.
func both(a, b string) string {
	if a == "" {
		return b
	}
	return "(" + a + ") and (" + b + ")"
}

// spread gives the variables of an item: one, or one for each choice of a multi
// item.
func spread(q *form.Questionnaire, it *form.Item, v Variable) []Variable {
	missing := missingCodes(q, it)
	switch it.Kind {
	case form.Multi:
		all := make([]Variable, len(it.Choices))
		for i, c := range it.Choices {
			one := v
			one.Name, one.Option = it.ID+"."+c.ID, c.Label
			one.Codes = append([]Code{{Value: "1", Label: chosen}, {Value: "0", Label: notChosen}}, missing...)
			all[i] = one
		}
		return all
	case form.Agreement:
		for i, p := range q.Scales[it.Scale].Points {
			v.Codes = append(v.Codes, Code{Value: string(rune('1' + i)), Label: p})
		}
	case form.Single:
		for _, c := range it.Choices {
			v.Codes = append(v.Codes, Code{Value: c.ID, Label: c.Label})
		}
	case form.Acknowledge:
		v.Codes = []Code{{Value: "1", Label: chosen}}
	case form.Range:
		v.Min, v.Max = it.Min, it.Max
	case form.Calculate:
		return []Variable{v}
	}
	v.Codes = append(v.Codes, missing...)
	return []Variable{v}
}

func missingCodes(q *form.Questionnaire, it *form.Item) []Code {
	var all []Code
	for _, code := range it.Missing {
		all = append(all, Code{Value: code.Name(), Label: q.Missing[code], Missing: true})
	}
	if it.Relevant != nil || it.Kind != form.OpenAnswer {
		all = append(all, Code{Value: NotAsked, Label: notAsked, Missing: true})
	}
	return append(all, Code{Value: Unanswered, Label: unanswered, Missing: true})
}
