package xform

import (
	"testing"

	"adili/form/xlsform"
)

// Whatever form can be read is written as XML that can be read, or refused.
func FuzzWrite(f *testing.F) {
	for _, form := range []string{
		"| survey |\n| | type | name | label | relevant | default |\n| | text | a | A ${b} | ${b} > 1 | x |\n| | integer | b | B | | ${a} + 1 |",
		"| survey |\n| | type | name | label::en | label::ar |\n| | select_one l or_other | a | A | أ |\n| choices |\n| | list_name | name | label::en |\n| | l | x | X |",
		"| survey |\n| | type | name | label | appearance |\n| | begin group | g | G | table-list |\n| | select_multiple l | a | A | |\n| | end group | | | |\n| choices |\n| | list_name | name | label | image |\n| | l | x | X | x.png |",
		"| survey |\n| | type | name | label | parameters | trigger | calculation |\n| | range | a | A | start=0 end=1 step=0.5 | | |\n| | rank l | r | R | | | |\n| | integer | c | | | ${a} | 1 + 1 |\n| choices |\n| | list_name | name | label |\n| | l | x | instance('l')/root/item[name = \"]\"]/label |",
		"| survey |\n| | type | name | bind::x:y | body::z | instance::x:w |\n| | note | a | 1 | 2 | 3 |\n| settings |\n| | namespaces | name | style | attribute::k |\n| | x=\"u\" | r | pages | v |",
	} {
		f.Add(form)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, _ := xlsform.Read(xlsform.ReadMarkdown(text))
		if q == nil {
			return
		}
		out, err := Write(q)
		if err != nil {
			return
		}
		if _, err := normal(out); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
}
