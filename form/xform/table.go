package xform

import (
	"fmt"
	"slices"
	"strings"

	"adili/form"
)

const tableList = "table-list"

func isTable(appearance string) bool {
	return slices.Contains(strings.Fields(appearance), tableList)
}

// asTable writes a group whose selects stand under one another as a table the
// way clients know it: a first select that shows only the labels, then the
// selects without theirs. The new items are named after the rows of an XLSForm
// without empty rows, as pyxform names them.
func (w *writer) asTable(group *form.Item) *form.Item {
	table := *group
	table.Appearance = strings.Join(strings.Fields(strings.Replace(group.Appearance, tableList, "field-list", 1)), " ")
	table.Items = nil
	if !empty(group.Text) || !empty(group.Hint) {
		table.Items = append(table.Items, form.Item{
			ID: fmt.Sprintf("generated_table_list_label_%d", w.rows[group.ID]), Kind: form.Note, Text: group.Text, Hint: group.Hint,
		})
		table.Text, table.Hint = nil, nil
	}
	first := true
	for _, it := range group.Items {
		if tag := typeOf(&it).tag; tag == "select" || tag == "select1" {
			if first {
				table.Items = append(table.Items, form.Item{
					ID: fmt.Sprintf("reserved_name_for_field_list_labels_%d", w.rows[it.ID]), Kind: it.Kind, Type: it.Type,
					Scale: it.Scale, List: it.List, Choices: it.Choices, ChoicesFrom: it.ChoicesFrom, Missing: it.Missing, Appearance: "label",
				})
			}
			first = false
			it.Appearance = "list-nolabel"
		}
		table.Items = append(table.Items, it)
	}
	return &table
}
