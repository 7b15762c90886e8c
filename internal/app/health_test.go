package app

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adili/internal/testkit/acmetest"
)

func TestHealth(t *testing.T) {
	s := start(t, "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	address := strings.TrimPrefix(s.base, "http://")
	if status, out, errOut := command(t, "health", "--listen", address); status != exitOK || out != "ready\n" || errOut != "" {
		t.Errorf("exit code %d\n%s\n%s", status, out, errOut)
	}
	if _, port, err := net.SplitHostPort(address); err != nil {
		t.Error(err)
	} else if status, _, errOut := command(t, "health", "--listen", "0.0.0.0:"+port); status != exitOK {
		t.Errorf("on every address: exit code %d\n%s", status, errOut)
	}
	s.stop()
	if status, out, errOut := command(t, "health", "--listen", address); status != exitError || out != "" || !strings.Contains(errOut, "not ready") {
		t.Errorf("of a stopped server: exit code %d\n%s\n%s", status, out, errOut)
	}
}

// The service manager is told when pages can be opened.
func TestReadyIsToldToTheServiceManager(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Skip("no sockets of this kind here: ", err)
	}
	defer conn.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	s := start(t, "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	defer s.stop()
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	n, err := conn.Read(b)
	if err != nil || string(b[:n]) != "READY=1" {
		t.Errorf("told %q, %v", b[:n], err)
	}
}

// Over HTTPS the certificate is for another name than the one asked.
func TestHealthOverHTTPS(t *testing.T) {
	folder := t.TempDir()
	cert, key, err := acmetest.SelfSigned("survey.customs.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ADILI_CERT", filepath.Join(folder, "cert.pem"))
	t.Setenv("ADILI_KEY", filepath.Join(folder, "key.pem"))
	for name, data := range map[string][]byte{"cert.pem": cert, "key.pem": key} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, "serve", "--data", filepath.Join(folder, "data"), "--listen", "127.0.0.1:0", "--http-listen", "none")
	defer s.stop()
	address, ok := strings.CutPrefix(s.base, "https://")
	if !ok {
		t.Fatalf("serves at %s", s.base)
	}
	if status, out, errOut := command(t, "health", "--listen", address); status != exitOK || out != "ready\n" {
		t.Errorf("exit code %d\n%s", status, errOut)
	}
}
