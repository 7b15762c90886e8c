package respond

import (
	"testing"

	"adili/internal/kernel/i18n"
)

func TestMessages(t *testing.T) {
	if err := i18n.Check(Messages()); err != nil {
		t.Error(err)
	}
}
