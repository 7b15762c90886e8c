package data

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

// Every cell comes back as written, whatever forms its column went through.
func TestFormsKeepText(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	kinds := map[string]func(i int) string{
		"coded":           func(i int) string { return strconv.Itoa(i % 200) },
		"whole":           func(i int) string { return strconv.Itoa(i * 7) },
		"whole extremes":  func(i int) string { return []string{strconv.Itoa(i), "-2147483648", "2147483647", "2147483648"}[i%4] },
		"real":            func(i int) string { return strconv.FormatFloat(float64(rng.IntN(1e7))/1e4, 'f', -1, 64) },
		"real then whole": func(i int) string { return []string{"0.5", strconv.Itoa(i)}[i&1] },
		"zeros":           func(i int) string { return fmt.Sprintf("%08d", i) },
		"places":          func(i int) string { return fmt.Sprintf("%.2f", float64(i)/7) },
		"digits":          func(i int) string { return strconv.FormatFloat(rng.NormFloat64(), 'g', 17, 64) },
		"minus zero":      func(i int) string { return []string{strconv.Itoa(i), "-0", "0", "-0.0"}[i%4] },
		"late text":       func(i int) string { return map[bool]string{true: "x", false: strconv.Itoa(i)}[i > 2000] },
		"gaps":            func(i int) string { return []string{"", strconv.Itoa(i), strconv.Itoa(i) + ".25"}[i%3] },
	}
	for name, cell := range kinds {
		t.Run(name, func(t *testing.T) {
			var file strings.Builder
			var want []string
			file.WriteString("a,b\n")
			for i := range 3000 {
				want = append(want, cell(i))
				file.WriteString(want[i] + ",0\n")
			}
			table, err := Read("f", iotest.OneByteReader(strings.NewReader(file.String())))
			if err != nil {
				t.Fatal(err)
			}
			x, _ := table.Number("a")
			code, labels, _ := table.Codes("a")
			for i, w := range want {
				if got := table.index["a"].at(i); got != w {
					t.Fatalf("row %d is %q, want %q", i, got, w)
				}
				v, ok := number(w)
				if x != nil && ok && v == v && x[i] != v {
					t.Fatalf("row %d is %v, want %v", i, x[i], v)
				}
				if w == "" && code[i] != -1 || w != "" && x == nil && labels[code[i]] != w {
					t.Fatalf("row %d: code %d for %q", i, code[i], w)
				}
				if l, _ := number(w); w != "" && x != nil {
					if m, _ := number(labels[code[i]]); m != l {
						t.Fatalf("row %d: label %q for %q", i, labels[code[i]], w)
					}
				}
			}
		})
	}
}

func TestFormsAreSmall(t *testing.T) {
	for _, c := range []struct {
		cell func(i int) string
		form form
	}{
		{func(i int) string { return strconv.Itoa(i % 255) }, coded},
		{func(i int) string { return strconv.Itoa(i % 256) }, whole},
		{func(i int) string { return strconv.Itoa(i) + ".5" }, real64},
		{func(i int) string { return strconv.Itoa(i) + ".50" }, text},
	} {
		b := newBuilder()
		for i := range 1000 {
			b.add([]byte(c.cell(i)))
		}
		if got := b.column().form; got != c.form {
			t.Errorf("%s: form %d, want %d", c.cell(1), got, c.form)
		}
	}
}

// What encoding/csv reads, this package reads alike; it refuses more, and
// never panics.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\ufeffa\r\n\"x\"\"y\"\r\n", "a,b\n\n1,\n", "a\n\"\n\"", "a,", "\"a", "a\r", "a,b\n\"\"\"\",\"\"\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		table, err := Read("f", bytes.NewReader(file))
		slow, slowErr := Read("f", iotest.OneByteReader(bytes.NewReader(file)))
		if (err == nil) != (slowErr == nil) {
			t.Fatalf("%v in one piece, %v byte by byte", err, slowErr)
		}
		if err != nil {
			return
		}
		c := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff"))))
		header, err := c.Read()
		if err != nil || len(header) < 2 {
			return // a blank line is a missing value where there is one column
		}
		for i := 0; ; i++ {
			row, err := c.Read()
			if err == io.EOF && i == table.Rows() {
				return
			}
			if err != nil {
				t.Fatalf("row %d of %d: %v", i, table.Rows(), err)
			}
			for j, name := range table.Columns() {
				got := strings.ReplaceAll(table.index[name].at(i), "\r\n", "\n") // encoding/csv changes quoted ones
				if got != row[j] || slow.index[name].at(i) != table.index[name].at(i) {
					t.Fatalf("row %d, %s: %q, want %q", i, name, got, row[j])
				}
			}
		}
	})
}
