//go:build long

package coverage

import "testing"

// TestCoverage draws 2,000 samples and prints the table that the documentation keeps.
func TestCoverage(t *testing.T) {
	all := simulate(t, 2000)
	t.Log("\n" + table(all))
	for _, y := range all {
		if c := y.covered(); !(c >= y.within.low && c <= y.within.high) {
			t.Errorf("%s: %.2f %% of the intervals hold the true value, wanted %g to %g", y.name, c, y.within.low, y.within.high)
		}
	}
}
