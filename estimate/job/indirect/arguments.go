package indirect

import (
	"encoding/json"
	"fmt"

	"adili/estimate/job/frame"
)

// either is an argument that is the label of a group, or a list of counts.
type either struct {
	label  string
	counts []int
}

// UnmarshalJSON reads a text, a number or a list of whole numbers.
func (e *either) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal(text, &e.counts)
	}
	var label frame.Label
	if err := json.Unmarshal(text, &label); err != nil {
		return fmt.Errorf("a value of the arm, or a list of counts, is expected: %w", err)
	}
	e.label = string(label)
	return nil
}
