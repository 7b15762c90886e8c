package backup

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"adili/internal/kernel/storage"
)

// rowWriter writes rows as JSON arrays, one a line.
type rowWriter struct {
	buffer  bytes.Buffer
	encoder *json.Encoder
	values  []any
}

func newRowWriter() *rowWriter {
	w := &rowWriter{}
	w.encoder = json.NewEncoder(&w.buffer)
	w.encoder.SetEscapeHTML(false)
	return w
}

// add writes a row to the buffer.
func (w *rowWriter) add(row []any) error {
	w.values = w.values[:0]
	for _, v := range row {
		w.values = append(w.values, portable(v))
	}
	return w.encoder.Encode(w.values)
}

// raw is text that JSON could not hold as it is.
type raw struct {
	Base64 []byte `json:"base64"`
}

// portable gives what JSON holds without loss.
func portable(v any) any {
	switch v := v.(type) {
	case string:
		if !utf8.ValidString(v) {
			return raw{[]byte(v)}
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return strconv.FormatFloat(v, 'g', -1, 64)
		}
	}
	return v // a []byte becomes base64
}

// parseRow reads a line that rowWriter wrote.
func parseRow(line []byte, columns []storage.Column) ([]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var values []any
	if err := decoder.Decode(&values); err != nil {
		return nil, err
	}
	if decoder.InputOffset() != int64(len(line)) {
		return nil, errors.New("something follows the row")
	}
	if len(values) != len(columns) {
		return nil, fmt.Errorf("%d values for %d columns", len(values), len(columns))
	}
	for i, c := range columns {
		var err error
		if values[i], err = parseValue(values[i], c.Type); err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return values, nil
}

func parseValue(v any, kind storage.Type) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case bool:
		if kind == storage.Bool {
			return v, nil
		}
	case json.Number:
		switch kind {
		case storage.Int:
			return strconv.ParseInt(v.String(), 10, 64)
		case storage.Float:
			return strconv.ParseFloat(v.String(), 64)
		}
	case string:
		switch kind {
		case storage.Text:
			return v, nil
		case storage.JSON:
			return storage.CanonicalJSON(v)
		case storage.Bytes:
			return base64.StdEncoding.Strict().DecodeString(v)
		case storage.Float:
			return strconv.ParseFloat(v, 64)
		}
	case map[string]any:
		if text, ok := v["base64"].(string); ok && len(v) == 1 && kind == storage.Text {
			decoded, err := base64.StdEncoding.Strict().DecodeString(text)
			return string(decoded), err
		}
	}
	return nil, fmt.Errorf("a %T where a value of type %s belongs", v, kind)
}
