package option

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Every fault in the file is said with file, line, key and remedy.
func TestFaultsInTheFile(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"backup_to = \"/x\"", ":1: backup_to: there is no such option; did you mean backup-to?"},
		{"\n\ndomian = [\"a\"]", ":3: domian: there is no such option; did you mean domain?"},
		{"xyzzy = 1", ":1: xyzzy: there is no such option; adili config lists them all"},
		{"# one\n[backup]\nto = \"/x\"", ":2: backup: the file has no tables; write backup-to = … above all tables"},
		{"[server]\nport = 1", "server: the file has no tables, only lines KEY = VALUE"},
		{"backup.to = \"/x\"", "backup: the file has no tables; write backup-to = …"},
		{"config = \"/x\"", ":1: config: a configuration file cannot name another"},
		{"backup-keep = \"7\"", ":1: backup-keep: of the wrong type (number); write backup-keep = 14"},
		{"backup-keep = 7.5", ":1: backup-keep: of the wrong type"},
		{"backup-keep = -7", ":1: backup-keep = \"-7\": not a whole number of 0 or more"},
		{"behind-proxy = \"yes\"", ":1: behind-proxy = \"yes\": neither loopback nor an address"},
		{"behind-proxy = 1", ":1: behind-proxy: of the wrong type (address or network); write behind-proxy = [\"10.0.0.2\"]"},
		{"behind-proxy = false", ":1: behind-proxy: of the wrong type"},
		{"backup-at = 02:30:00", ":1: backup-at: of the wrong type (time of day); write backup-at = \"02:30\""},
		{"backup-at = \"half past two\"", ":1: backup-at = \"half past two\": not a time of day; write 02:30"},
		{"backup-at = \"24:30\"", "not a time of day"},
		{"backup-at = \"\"", "not a time of day"},
		{"data = \"\"", ":1: data = \"\": empty"},
		{"listen = 8080", ":1: listen: of the wrong type (address); write listen = \"127.0.0.1:8080\""},
		{"listen = \"8080\"", ":1: listen = \"8080\": not HOST:PORT, such as 127.0.0.1:8080"},
		{"listen = \"localhost:http\"", "not HOST:PORT"},
		{"listen = \"localhost:70000\"", "not HOST:PORT"},
		{"listen = \"none\"", "not HOST:PORT"},
		{"listen = [\"127.0.0.1:80\"]", ":1: listen: of the wrong type (address)"},
		{"domain = [1]", ":1: domain: of the wrong type (name); write domain = [\"survey.customs.example\"]"},
		{"domain = \"https://a.example\"", "not a host name; write the name only"},
		{"domain = [\"a.example\", \"192.0.2.1\"]", "\"192.0.2.1\": a certificate is for a name"},
		{"domain = [\"-a.example\"]", "not a host name"},
		{"address = \"http://survey.customs.example\"", "not an https address"},
		{"address = \"https://a.example/adili\"", "has something after the name"},
		{"address = \"survey.customs.example\"", "not a web address; write https://NAME"},
		{"oidc-issuer = \"https://u:p@a.example\"", "not a web address"},
		{"acme-email = \"integrity\"", "not an e-mail address"},
		{"smtp-tls = \"ssl\"", ":1: smtp-tls = \"ssl\": not one of starttls, tls, none"},
		{"log-format = \"xml\"", "not one of text, json"},
		{"backup-to = \"s3:///x\"", "neither a folder nor s3://"},
		{"backup-to = \"gs://bucket\"", "neither a folder nor s3://"},
		{"backup-to = \"s3://id:hush@bucket\"", "has a secret in it; use s3-key-id"},
		{"node = \"a b\"", "not a name of letters"},
		{"cert = \"missing.pem\"", ":1: cert = \"missing.pem\": "},
		{"cert = \".\"", "a folder, not a file"},
		{"smtp-password-file = \"missing\"", ":1: smtp-password-file = \"missing\": "},
		{"database = \"mysql://db\"", ":1: database = \"(hidden)\": not postgres://"},
		{"data = \"x", ":1: "},
		{"data = \"x\"\ndata = \"y\"", ":2: "},
		{"= 1", ":1: "},
		{"\x00", ":1: "},
	} {
		s := sources(t, c.file, nil)
		_, err := line(t).Resolve(s)
		if err == nil || !strings.HasPrefix(err.Error(), s.File) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want FILE%s", c.file, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "hush") && c.want != "has a secret in it; use s3-key-id" {
			t.Errorf("%q: the error tells a secret: %v", c.file, err)
		}
	}
}

// All faults are said at once.
func TestAllFaultsAtOnce(t *testing.T) {
	_, err := line(t).Resolve(sources(t, "listn = 1\nbackup-keep = true\nnode = \"n\"\n", nil))
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("error %v, want two lines", err)
	}
	_, err = line(t, "--listen=8080", "--node=a b").Resolve(sources(t, "backup-at = \"x\"", map[string]string{"ADILI_BACKUP_KEEP": "many"}))
	for _, want := range []string{"--listen 8080: ", "--node a b: ", ":1: backup-at = \"x\": ", "ADILI_BACKUP_KEEP=many: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// Secrets are refused where others can read them.
func TestSecretFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has access lists instead of modes")
	}
	folder := t.TempDir()
	credentials := filepath.Join(folder, "credentials")
	if err := os.Mkdir(credentials, 0o700); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		key, text string
		mode      os.FileMode
		credit    bool // a credential of the service manager
		want      string
	}{
		{"smtp-password-file", "hush", 0o600, false, ""},
		{"smtp-password-file", "hush\r\n", 0o400, false, ""},
		{"smtp-password-file", "hush", 0o640, false, "open to others on this machine (mode 0640): chmod 600 "},
		{"smtp-password-file", "hush", 0o604, false, "open to others"},
		{"smtp-password-file", "hush", 0o440, true, ""},
		{"smtp-password-file", "hush", 0o444, true, "open to others"},
		{"smtp-password-file", "\n", 0o600, false, "the file is empty"},
		{"smtp-password-file", "one\ntwo\n", 0o600, false, "more than one line"},
		{"smtp-password-file", strings.Repeat("x", maxSecret+1), 0o600, false, "too large"},
		{"key", "key", 0o640, false, ""},
		{"key", "key", 0o644, false, "open to others"},
	} {
		name := filepath.Join(folder, "secret"+string(rune('a'+i)))
		if c.credit {
			name = filepath.Join(credentials, filepath.Base(name))
		}
		write(t, name, c.text, c.mode)
		s := sources(t, "", map[string]string{"CREDENTIALS_DIRECTORY": credentials})
		r, err := line(t, "--"+c.key, name).Resolve(s)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s %q, mode %o: %v", c.key, c.text, c.mode, err)
		case c.want == "" && c.key != "key" && r.Options.SMTPPassword != "hush":
			t.Errorf("mode %o: read as %q", c.mode, r.Options.SMTPPassword)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hush")):
			t.Errorf("%s, mode %o: error %v, want %s", c.key, c.mode, err, c.want)
		}
	}
}

// A password in a database address may stand in the environment, and in a file
// that is private.
func TestPasswordInAddress(t *testing.T) {
	const address = "postgres://adili:hush@db/adili"
	_, err := line(t, "--database="+address).Resolve(sources(t, "", nil))
	if err == nil || !strings.Contains(err.Error(), "can be seen by everybody") || strings.Contains(err.Error(), "hush") {
		t.Errorf("on the command line: %v", err)
	}
	if _, err := line(t).Resolve(sources(t, "", map[string]string{"ADILI_DATABASE": address})); err != nil {
		t.Errorf("in the environment: %v", err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	s := sources(t, `database = "`+address+`"`, nil)
	_, err = line(t).Resolve(s)
	if err == nil || !strings.Contains(err.Error(), "open to others on this machine (mode 0644)") || strings.Contains(err.Error(), "hush") {
		t.Errorf("in an open file: %v", err)
	}
	if err := os.Chmod(s.File, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := line(t).Resolve(s); err != nil {
		t.Errorf("in a private file: %v", err)
	}
}

// What does not fit together is said with its remedy.
func TestCheck(t *testing.T) {
	folder := t.TempDir()
	files(t, folder)
	write(t, filepath.Join(folder, "mysql"), "mysql://db", 0o600)
	for _, c := range []struct{ arguments, want string }{
		{"", ""},
		{"--domain=a.example", ""},
		{"--cert=SECRET --key=SECRET", ""},
		{"--behind-proxy=loopback --address=https://a.example", ""},
		{"--behind-proxy=10.0.0.2 --address=https://a.example --listen=10.0.0.1:8080 --cert=SECRET --key=SECRET", ""},
		{"--shared=/x --database=postgres:///x", ""},
		{"--backup-to=/x --backup-recipient=age1x --backup-at=03:00", ""},
		{"--backup-recipient=age1x", ""},
		{"--smtp=localhost:25 --smtp-from=a@a.example --smtp-tls=none --domain=a.example", ""},
		{"--oidc-issuer=http://127.0.0.1:5556/dex --oidc-client-id=x --oidc-client-secret-file=SECRET --address=http://127.0.0.1:8080", ""},
		{"--domain=a.example,b.example --address=https://B.example", ""},

		{"--database=postgres:///x --database-file=ADDRESS", "database (--database): cannot stand together with database-file (--database-file)"},
		{"--database-file=MYSQL", "database-file (--database-file): what is in the file is not postgres://"},
		{"--domain=a.example --cert=SECRET --key=SECRET", "domain (--domain): cannot stand together with cert (--cert)"},
		{"--cert=SECRET", "cert (--cert): needs key too"},
		{"--key=SECRET", "key (--key): needs cert too"},
		{"--behind-proxy=loopback --domain=a.example", "behind-proxy (--behind-proxy): cannot stand together with domain (--domain); either the proxy"},
		{"--behind-proxy=true", "behind-proxy (--behind-proxy): needs address too"},
		{"--http-listen=:80", "http-listen (--http-listen): leads to HTTPS, which is served only with domain or cert"},
		{"--domain=a.example --listen=:80", "http-listen (default): is the same as listen"},
		{"--domain=a.example --address=https://b.example", "address (--address): b.example is not one of the names under domain"},
		{"--acme-email=a@a.example", "acme-email (--acme-email): needs domain too"},
		{"--shared=/x", "shared (--shared): several nodes need one PostgreSQL; set database"},
		{"--node=n", "node (--node): needs shared too"},
		{"--s3-key-id=x", "needs s3-secret-file too"},
		{"--s3-secret-file=SECRET", "needs s3-key-id too"},
		{"--backup-to=s3://b --backup-recipient=age1x", "backup-to (--backup-to): needs s3-key-id too"},
		{"--shared=s3://b --database=postgres:///x", "shared (--shared): needs s3-key-id too"},
		{"--backup-to=/x", "backup-to (--backup-to): needs backup-recipient too"},
		{"--backup-at=03:00", "backup-at (--backup-at): needs backup-to too"},
		{"--smtp=localhost:25 --domain=a.example", "smtp (--smtp): needs smtp-from too"},
		{"--smtp=localhost:25 --smtp-from=a@a.example", "smtp (--smtp): needs address or domain too"},
		{"--smtp-from=a@a.example", "smtp-from (--smtp-from): needs smtp too"},
		{"--smtp=m.example:25 --smtp-from=a@a.example --smtp-tls=none --domain=a.example", "smtp-tls (--smtp-tls): mail would cross the network in the clear"},
		{"--smtp=m.example:25 --smtp-from=a@a.example --domain=a.example --smtp-user=u", "needs smtp-password-file too"},
		{"--smtp=m.example:25 --smtp-from=a@a.example --domain=a.example --smtp-password-file=SECRET", "needs smtp-user too"},
		{"--oidc-issuer=https://a.example", "oidc-issuer (--oidc-issuer): needs oidc-client-secret-file too"},
		{"--oidc-issuer=https://a.example --oidc-client-id=x --oidc-client-secret-file=SECRET", "needs address or domain too"},
		{"--oidc-label=x", "oidc-label (--oidc-label): needs oidc-issuer too"},
	} {
		arguments := strings.NewReplacer("SECRET", filepath.Join(folder, "secret"), "ADDRESS", filepath.Join(folder, "address"), "MYSQL", filepath.Join(folder, "mysql")).Replace(c.arguments)
		r, err := line(t, strings.Fields(arguments)...).Resolve(sources(t, "", nil))
		if err != nil {
			t.Fatal(err)
		}
		err = r.Check()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want %q", c.arguments, err, c.want)
		}
	}
}

// Whatever stands in a file, it is read or its faults are said with their line,
// and what is read can be used.
func FuzzFile(f *testing.F) {
	f.Add(whole)
	for _, text := range []string{"domain = [\"a\", 1]", "[a.b]\nc = 1", "a.b.c = {}", "backup-keep = 99999999999999999999", "[[x]]", "data = '''\n'''", "\"data\" = 1\n'node' = 'n'", "x = {a = [{}]}", "\ufeffnode = \"n\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := parseFile("FILE", text)
		if err != nil {
			for l := range strings.Lines(err.Error()) {
				if entries == nil && !strings.HasPrefix(err.Error(), "FILE") || l == "" {
					t.Fatalf("an error without its place: %v", err)
				}
			}
		}
		for o, e := range entries {
			if e.line < 1 || e.line > strings.Count(text, "\n")+1 {
				t.Errorf("%s is said to stand on line %d", o.Key, e.line)
			}
			for _, v := range e.values {
				if _, err := o.read(v, t.TempDir()); err != nil {
					_ = Setting{o, e.values, Source{Kind: "file", Name: "FILE", Line: e.line}}.problem(v, err).Error()
				}
			}
		}
	})
}
