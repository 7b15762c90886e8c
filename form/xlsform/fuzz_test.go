package xlsform_test

import (
	"reflect"
	"strconv"
	"testing"
	"time"

	"adili/form/xlsform"
	"adili/internal/testkit/formtest"
)

func FuzzRead(f *testing.F) {
	for _, m := range mistakes {
		f.Add(m.form)
	}
	f.Add(survey("type | name | label::French (fr)", "select_multiple yn or_other | a | A") + yn)
	f.Fuzz(func(t *testing.T, text string) {
		begin := time.Now()
		q, problems := xlsform.Read(xlsform.ReadMarkdown(text))
		if took := time.Since(begin); took > 5*time.Second {
			t.Fatalf("reading took %s", took)
		}
		for _, p := range problems {
			_ = p.String()
		}
		if q == nil {
			if len(onlyErrors(problems)) == 0 {
				t.Fatal("refused without a reason")
			}
			return
		}
		got, problems := xlsform.Read(xlsform.Write(q))
		if errs := onlyErrors(problems); len(errs) > 0 {
			t.Fatalf("what was written is refused: %v\n%s", errs, xlsform.WriteMarkdown(xlsform.Write(q)))
		}
		if !reflect.DeepEqual(q, got) {
			t.Fatalf("%s\n%s", difference(reflect.ValueOf(q), reflect.ValueOf(got), ""), xlsform.WriteMarkdown(xlsform.Write(q)))
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var largest []xlsform.Sheet
	most := 0
	for _, c := range formtest.Cases(b) {
		if len(c.Source) > most && c.OutOfScope() == "" {
			largest, most = c.Sheets, len(c.Source)
		}
	}
	b.Logf("%d bytes", most)
	for b.Loop() {
		xlsform.Read(largest)
	}
}

// BenchmarkReadLarge reads a form of 3,000 questions in four languages.
func BenchmarkReadLarge(b *testing.B) {
	rows := [][]string{{"type", "name", "label::en", "label::fr", "label::ar", "label::ru", "relevant"}}
	for i := range 2_900 {
		name := "q" + strconv.Itoa(i)
		relevant := ""
		if i > 0 {
			relevant = "${q" + strconv.Itoa(i-1) + "} != 'n' and string-length(${q0}) > 0"
		}
		rows = append(rows, []string{"select_one yn", name, "A", "B", "C", "D", relevant})
	}
	sheets := append(xlsform.ReadMarkdown(yn), xlsform.Sheet{Name: "survey", Rows: rows})
	for b.Loop() {
		if q, problems := xlsform.Read(sheets); q == nil {
			b.Fatal(problems[0])
		}
	}
}
