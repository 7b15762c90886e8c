package storage_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The SQLite driver is machine-made code that fits one version of its C library only. A go.mod that raises libc by itself
// compiles, and fails at run time.
func TestLibcIsTheOneTheDriverWasMadeFor(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}} {{.Version}}", "modernc.org/sqlite", "modernc.org/libc").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	fields := strings.Fields(string(out))
	if len(fields) != 4 {
		t.Fatalf("go list gives %q", out)
	}
	mod, err := os.ReadFile(filepath.Join(fields[0], "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`modernc\.org/libc (v\S+)`).FindSubmatch(mod)
	if want == nil || string(want[1]) != fields[3] {
		t.Errorf("go.mod has libc %s, but the driver %s was made for %s", fields[3], fields[1], want)
	}
}
