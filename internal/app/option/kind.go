package option

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Type is a kind of value.
type Type struct {
	Name    string // as the guide calls it
	Holder  string // stands for the value in help
	Example string // a right value, as it stands in the file

	// read checks a value and gives it in the form that is used. A path that is
	// not absolute starts at folder.
	read func(text, folder string) (string, error)
}

// The types. Those of files check them when the options are read.
var (
	Text         = &Type{"text", "TEXT", `"text"`, plain}
	Number       = &Type{"number", "N", `14`, number}
	TimeOfDay    = &Type{"time of day", "HH:MM", `"02:30"`, timeOfDay}
	Address      = &Type{"address", "HOST:PORT", `"127.0.0.1:8080"`, address}
	MaybeAddress = &Type{"address or none", "HOST:PORT", `"127.0.0.1:9090"`, maybeAddress}
	Host         = &Type{"name", "NAME", `"survey.customs.example"`, host}
	Proxy        = &Type{"address or network", "ADDRESS", `"10.0.0.2"`, proxy}
	Site         = &Type{"URL", "URL", `"https://survey.customs.example"`, site}
	URL          = &Type{"URL", "URL", `"https://accounts.example"`, webAddress}
	Email        = &Type{"e-mail address", "ADDRESS", `"integrity@customs.example"`, email}
	Database     = &Type{"address", "URL", `"postgres:///adili"`, database}
	Place        = &Type{"folder or s3://", "PLACE", `"/var/backups/adili"`, place}
	Node         = &Type{"name", "NAME", `"node-1"`, node}
	Path         = &Type{"folder", "DIR", `"/var/lib/adili"`, path}
	File         = &Type{"file", "FILE", `"/etc/adili/cert.pem"`, file}
	KeyFile      = &Type{"private file", "FILE", `"/etc/adili/key.pem"`, file}
	SecretFile   = &Type{"secret file", "FILE", `"/etc/adili/password"`, file}
)

func plain(text, _ string) (string, error) { return text, nil }

func number(text, _ string) (string, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return "", errors.New("not a whole number of 0 or more")
	}
	return strconv.Itoa(n), nil
}

func timeOfDay(text, _ string) (string, error) {
	at, err := time.Parse("15:04", text)
	if err != nil {
		return "", errors.New("not a time of day; write 02:30 for half past two at night")
	}
	return at.Format("15:04"), nil
}

func address(text, _ string) (string, error) {
	_, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", errors.New("not HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
	}
	return text, nil
}

func maybeAddress(text, folder string) (string, error) {
	if text == "none" {
		return "", nil
	}
	return address(text, folder)
}

func proxy(text, _ string) (string, error) {
	if text == "loopback" || text == "true" {
		return "loopback", nil
	}
	if _, err := netip.ParsePrefix(text); err == nil {
		return text, nil
	}
	if _, err := netip.ParseAddr(text); err != nil {
		return "", errors.New("neither loopback nor an address or network, such as 10.0.0.2 or 10.0.0.0/28")
	}
	return text, nil
}

var label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func host(text, _ string) (string, error) {
	name := strings.ToLower(strings.TrimSuffix(text, "."))
	if net.ParseIP(name) != nil {
		return "", errors.New("a certificate is for a name, not for an IP address")
	}
	for part := range strings.SplitSeq(name, ".") {
		if !label.MatchString(part) || len(name) > 253 {
			return "", errors.New("not a host name; write the name only, such as survey.customs.example")
		}
	}
	return name, nil
}

func webAddress(text, _ string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return "", errors.New("not a web address; write https://NAME")
	case u.Scheme == "https", u.Scheme == "http" && loopback(u.Hostname()):
		return text, nil
	}
	return "", errors.New("not an https address; only on this machine itself may it be http")
}

func site(text, folder string) (string, error) {
	text, err := webAddress(strings.TrimRight(text, "/"), folder)
	if err != nil {
		return "", err
	}
	if u, err := url.Parse(text); err != nil || u.Path != "" || u.RawQuery != "" {
		return "", errors.New("has something after the name; Adili needs a name of its own, https://NAME")
	}
	return text, nil
}

func email(text, _ string) (string, error) {
	if _, err := mail.ParseAddress(text); err != nil {
		return "", errors.New("not an e-mail address")
	}
	return text, nil
}

func place(text, folder string) (string, error) {
	if !strings.Contains(text, "://") {
		return path(text, folder)
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" || u.Host == "" {
		return "", errors.New("neither a folder nor s3://bucket/prefix?endpoint=https://host")
	}
	if u.User != nil {
		return "", errors.New("has a secret in it; use s3-key-id and s3-secret-file")
	}
	return text, nil
}

func database(text, _ string) (string, error) {
	if !strings.HasPrefix(text, "postgres://") && !strings.HasPrefix(text, "postgresql://") {
		return "", errors.New("not postgres://…")
	}
	return text, nil
}

var nodeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func node(text, _ string) (string, error) {
	if !nodeForm.MatchString(text) {
		return "", errors.New("not a name of letters, digits, dots and hyphens")
	}
	return text, nil
}

func path(text, folder string) (string, error) {
	if text == "" {
		return "", errors.New("empty")
	}
	if filepath.IsAbs(text) {
		return filepath.Clean(text), nil
	}
	return filepath.Abs(filepath.Join(folder, text))
}

func file(text, folder string) (string, error) {
	name, err := path(text, folder)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(name)
	if err != nil {
		return "", unwrapPath(err)
	}
	if info.IsDir() {
		return "", errors.New("a folder, not a file")
	}
	return name, nil
}

// unwrapPath takes the operation and the path off an error that is shown beside
// them.
func unwrapPath(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}

// choose checks a value against the only ones there are.
func choose(text string, choices []string) error {
	for _, c := range choices {
		if text == c {
			return nil
		}
	}
	return fmt.Errorf("not one of %s", strings.Join(choices, ", "))
}
