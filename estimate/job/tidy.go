package job

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// WriteCSV writes answers as a tidy table: one value a line, with the case, the key of the result, and the category,
// position or row and column the value belongs to. An error is a line with the key "error".
func WriteCSV(w io.Writer, answers []Answer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"case", "key", "name", "column", "value"}); err != nil {
		return err
	}
	for _, a := range answers {
		lines := [][]string{{a.ID, "error", "", "", a.Error}}
		if a.Error == "" {
			lines = nil
			for _, key := range keys(a.Result) {
				lines = append(lines, tidy([]string{a.ID, key}, a.Result[key])...)
			}
		}
		if err := out.WriteAll(lines); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// tidy lists the values of a result; start is what comes before the name.
func tidy(start []string, x any) (lines [][]string) {
	switch x := x.(type) {
	case map[string]any:
		rows, isMatrix := x["rows"].([]string)
		if values, ok := x["values"].([]any); isMatrix && ok {
			return matrix(start, rows, x["cols"].([]string), values)
		}
		for _, name := range keys(x) {
			lines = append(lines, tidy(append(slices.Clone(start), name), x[name])...)
		}
	case []any:
		for i, y := range x {
			lines = append(lines, tidy(append(slices.Clone(start), strconv.Itoa(i+1)), y)...)
		}
	default:
		value := ""
		if x != nil {
			value = fmt.Sprint(x)
		}
		line := append(slices.Clone(start), "", "")[:4]
		for i := 4; i < len(start); i++ { // deeper than a table has columns
			line[3] += "." + start[i]
		}
		lines = append(lines, append(line, value))
	}
	return lines
}

func matrix(start, rows, cols []string, values []any) (lines [][]string) {
	for i, row := range values {
		for j, x := range row.([]any) {
			lines = append(lines, tidy(append(slices.Clone(start), rows[i], cols[j]), x)...)
		}
	}
	return lines
}

func keys(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
