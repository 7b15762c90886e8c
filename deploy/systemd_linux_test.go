package deploy

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The service is shut in as far as systemd itself can tell: 0 is shut in
// wholly, 10 not at all, and 2.0 is what we promise.
func TestServiceIsShutIn(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("systemd-analyze is not installed")
		}
		t.Skip("systemd-analyze is not installed")
	}
	out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", "systemd/adili.service").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "Overall exposure level for adili.service") {
		t.Errorf("systemd-analyze does not judge the service:\n%s", out)
	}
	out, err = exec.Command("systemd-analyze", "verify", "--man=no", "systemd/adili.service").CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if !strings.Contains(line, "adili.service") || strings.Contains(line, "is not executable: No such file") {
			continue // of other services, or that the program is not installed here
		}
		t.Errorf("%v: %s", err, line)
	}
}
