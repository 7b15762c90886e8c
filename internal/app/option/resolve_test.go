package option

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// every takes all groups.
type every struct {
	Flags `options:"storage network nodes backup mail sign-in log"`
}

// Run does nothing: only the parsing is of interest.
func (every) Run() error { return nil }

// line parses a command line.
func line(t *testing.T, arguments ...string) Flags {
	t.Helper()
	var c struct {
		Every every `cmd:""`
	}
	if err := Prepare(&c); err != nil {
		t.Fatal(err)
	}
	parser, err := kong.New(&c, kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"every"}, arguments...)); err != nil {
		t.Fatal(err)
	}
	return c.Every.Flags
}

// sources are an environment and a file of the machine.
func sources(t *testing.T, file string, environment map[string]string) Sources {
	t.Helper()
	s := Sources{
		Lookup: func(name string) (string, bool) { v, ok := environment[name]; return v, ok },
		File:   filepath.Join(t.TempDir(), "adili.toml"),
	}
	if file != "" {
		write(t, s.File, file, 0o644)
	}
	return s
}

func write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func (r *Resolved) setting(key string) Setting {
	return r.Settings[slices.IndexFunc(r.Settings, func(s Setting) bool { return s.Option.Key == key })]
}

// A flag wins over the environment, the environment over the file, the file
// over the default; and it is known which of them it was.
func TestPrecedence(t *testing.T) {
	file := "# ours\n\nbackup-at = \"04:00\"\n"
	environment := map[string]string{"ADILI_BACKUP_AT": "05:00"}
	for _, c := range []struct {
		name        string
		arguments   []string
		file        string
		environment map[string]string
		want, from  string
	}{
		{"default", nil, "", nil, "02:30", "default"},
		{"file", nil, file, nil, "04:00", "FILE:3"},
		{"environment", nil, file, environment, "05:00", "ADILI_BACKUP_AT"},
		{"flag", []string{"--backup-at=06:00"}, file, environment, "06:00", "--backup-at"},
		{"empty environment", nil, file, map[string]string{"ADILI_BACKUP_AT": ""}, "04:00", "FILE:3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sources(t, c.file, c.environment)
			r, err := line(t, c.arguments...).Resolve(s)
			if err != nil {
				t.Fatal(err)
			}
			got := r.setting("backup-at")
			from := strings.ReplaceAll(got.Source.String(), s.File, "FILE")
			if r.Options.BackupAt != c.want || got.Shown() != c.want || from != c.from {
				t.Errorf("%s shown as %s from %s, want %s from %s", r.Options.BackupAt, got.Shown(), from, c.want, c.from)
			}
		})
	}
}

// whole has a right value for every option that a file can set; DIR is its
// folder.
const whole = `
data = "data"
database-file = "address"
listen = "127.0.0.1:8443"
http-listen = "127.0.0.1:8080"
admin-listen = "127.0.0.1:9090"
address = "https://survey.customs.example/"
domain = ["survey.customs.example", "SURVEY.customs.example."]
acme-directory = "https://localhost:14000/dir"
acme-roots = "roots.pem"
acme-email = "integrity@customs.example"
smtp-roots = "roots.pem"
oidc-roots = "roots.pem"
shared = "s3://bucket/prefix?endpoint=https://127.0.0.1:9000"
node = "node-1"
s3-key-id = "key"
s3-secret-file = "secret"
backup-to = "backups"
backup-recipient = ["age1a", "age1b"]
backup-at = "3:05"
backup-keep = 7
backup-keep-days = 0
smtp = "mail.customs.example:587"
smtp-user = "adili"
smtp-password-file = "secret"
smtp-from = "Adili <adili@customs.example>"
smtp-tls = "tls"
oidc-issuer = "https://accounts.example/realm/"
oidc-client-id = "adili"
oidc-client-secret-file = "secret"
oidc-label = "Customs account"
log-format = "json"
`

// files writes the files that whole names.
func files(t *testing.T, folder string) {
	t.Helper()
	write(t, filepath.Join(folder, "secret"), "hush\n", 0o600)
	write(t, filepath.Join(folder, "address"), "postgres://adili:hush@db/adili\r\n", 0o600)
	write(t, filepath.Join(folder, "roots.pem"), "", 0o644)
}

func TestEveryOption(t *testing.T) {
	s := sources(t, whole, nil)
	folder := filepath.Dir(s.File)
	files(t, folder)
	r, err := line(t).Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(); err != nil {
		t.Error(err)
	}
	want := Options{
		Config: s.File, Data: filepath.Join(folder, "data"), Database: "postgres://adili:hush@db/adili",
		Listen: "127.0.0.1:8443", HTTPListen: "127.0.0.1:8080", AdminListen: "127.0.0.1:9090", Address: "https://survey.customs.example",
		Domain:        []string{"survey.customs.example", "survey.customs.example"},
		ACMEDirectory: "https://localhost:14000/dir", ACMERoots: filepath.Join(folder, "roots.pem"), ACMEEmail: "integrity@customs.example",
		Shared: "s3://bucket/prefix?endpoint=https://127.0.0.1:9000", Node: "node-1", S3KeyID: "key", S3Secret: "hush",
		BackupTo: filepath.Join(folder, "backups"), BackupRecipient: []string{"age1a", "age1b"}, BackupAt: "03:05", BackupKeep: 7,
		SMTP: "mail.customs.example:587", SMTPUser: "adili", SMTPPassword: "hush", SMTPFrom: "Adili <adili@customs.example>", SMTPTLS: "tls", SMTPRoots: filepath.Join(folder, "roots.pem"), OIDCRoots: filepath.Join(folder, "roots.pem"),
		OIDCIssuer: "https://accounts.example/realm/", OIDCClientID: "adili", OIDCClientSecret: "hush", OIDCLabel: "Customs account",
		LogFormat: "json",
	}
	if d := cmp.Diff(want, r.Options); d != "" {
		t.Error(d)
	}
	for _, setting := range r.Settings {
		switch key := setting.Option.Key; {
		case key == "config", strings.HasPrefix(whole, key), strings.Contains(whole, "\n"+key+" ="):
		case key == "database", key == "cert", key == "key", key == "behind-proxy": // cannot stand beside the others
		default:
			t.Errorf("this test does not set %s", key)
		}
	}
	for _, show := range []func(io.Writer) error{r.Print, r.PrintJSON} {
		var b bytes.Buffer
		if err := show(&b); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "hush") {
			t.Errorf("a secret is shown:\n%s", &b)
		}
		if strings.Count(b.String(), s.File) < 29 {
			t.Errorf("the sources are not shown:\n%s", &b)
		}
	}
}

// On the command line and in the environment every option is known too.
func TestEveryFlag(t *testing.T) {
	folder := t.TempDir()
	files(t, folder)
	name := filepath.Join(folder, "secret")
	value := map[*Type]string{
		Text: "text", Number: "5", Proxy: "10.0.0.0/8", TimeOfDay: "01:02", Address: "127.0.0.1:1", MaybeAddress: "127.0.0.1:1", Host: "a.example",
		Site: "https://a.example", URL: "https://a.example/x", Email: "a@a.example", Database: "postgres:///x", Place: folder, Node: "n",
		Path: folder, File: name, KeyFile: name, SecretFile: name,
	}
	environment := map[string]string{}
	var arguments []string
	for _, o := range Table {
		text := value[o.Type]
		if len(o.Choices) > 0 {
			text = o.Choices[len(o.Choices)-1]
		}
		if o.Key != "config" { // the secret is no configuration
			environment[o.Environment()] = text
			arguments = append(arguments, "--"+o.Key+"="+text)
		}
	}
	for kind, r := range map[string]func() (*Resolved, error){
		"flag":        func() (*Resolved, error) { return line(t, arguments...).Resolve(sources(t, "", nil)) },
		"environment": func() (*Resolved, error) { return line(t).Resolve(sources(t, "", environment)) },
	} {
		all, err := r()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all.Settings {
			if s.Option.Key != "config" && (s.Source.Kind != kind || s.Shown() == "") {
				t.Errorf("%s: %q from %s, want %s", s.Option.Key, s.Shown(), s.Source, kind)
			}
		}
	}
}

// Lists can be repeated, have commas, or be empty.
func TestLists(t *testing.T) {
	r, err := line(t, "--domain=a.example,b.example", "--domain", "c.example").Resolve(sources(t, "", map[string]string{"ADILI_BACKUP_RECIPIENT": " age1a, age1b ,"}))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"a.example", "b.example", "c.example"}, r.Options.Domain); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"age1a", "age1b"}, r.Options.BackupRecipient); d != "" {
		t.Error(d)
	}
}

// Some defaults depend on other options.
func TestDerivedDefaults(t *testing.T) {
	for _, c := range []struct {
		arguments string
		get       func(*Options) string
		want      string
	}{
		{"", func(o *Options) string { return o.Listen + "|" + o.HTTPListen + "|" + o.Address }, "127.0.0.1:8080||"},
		{"--domain=a.example,b.example", func(o *Options) string { return o.Listen + "|" + o.HTTPListen + "|" + o.Address }, ":443|:80|https://a.example"},
		{"--domain=a.example --http-listen=none", func(o *Options) string { return o.Listen + "|" + o.HTTPListen }, ":443|"},
		{"--domain=a.example --listen=:8443", func(o *Options) string { return o.Listen }, ":8443"},
		{"--shared=/x", func(o *Options) string { return o.Node }, hostName(t)},
		{"--shared=/x --node=b", func(o *Options) string { return o.Node }, "b"},
		{"", func(o *Options) string { return o.Node }, ""},
	} {
		r, err := line(t, strings.Fields(c.arguments)...).Resolve(sources(t, "", nil))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.get(&r.Options); got != c.want {
			t.Errorf("%s: %s, want %s", c.arguments, got, c.want)
		}
	}
}

func hostName(t *testing.T) string {
	name, err := os.Hostname()
	if err != nil {
		t.Skip("this machine has no name")
	}
	return name
}

// The file is the one named, else the machine's, else the one in the data
// folder, which cannot say where the data folder is.
func TestWhichFile(t *testing.T) {
	data, named := t.TempDir(), filepath.Join(t.TempDir(), "named.toml")
	inData := filepath.Join(data, "adili.toml")
	write(t, named, `log-format = "json"`, 0o644)
	for _, c := range []struct {
		name, machine, inData string
		arguments             []string
		want                  string // of Config
		err                   string
	}{
		{"none", "", "", nil, "", ""},
		{"data", "", `log-format = "json"`, nil, inData, ""},
		{"machine before data", `log-format = "json"`, `nonsense = 1`, nil, "MACHINE", ""},
		{"named before both", `nonsense = 1`, `nonsense = 1`, []string{"--config=" + named}, named, ""},
		{"named is missing", "", "", []string{"--config=" + named + "x"}, "", "--config " + named + "x: no such file or directory"},
		{"named is a folder", "", "", []string{"--config=" + data}, "", "a folder, not a file"},
		{"data in data", "", `data = "/elsewhere"`, nil, "", inData + ":1: data: this file was found in the data folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && c.name == "named is missing" {
				t.Skip("Windows says it in other words")
			}
			s := sources(t, c.machine, nil)
			os.Remove(inData)
			if c.inData != "" {
				write(t, inData, c.inData, 0o644)
			}
			r, err := line(t, append([]string{"--data=" + data}, c.arguments...)...).Resolve(s)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("error %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.ReplaceAll(r.Options.Config, s.File, "MACHINE"); got != c.want {
				t.Errorf("read %s, want %s", got, c.want)
			}
			if shown := r.setting("config").Shown(); shown != r.Options.Config {
				t.Errorf("shows %q", shown)
			}
		})
	}
}

// A password in a database address is shown to nobody.
// A command that is run as the service's user in root's folder cannot tell
// where it is. That matters only where a folder is not given from the root.
func TestWorkingFolderUnknown(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder)
	if err := os.Remove(folder); err != nil {
		t.Skipf("this system keeps a working folder: %v", err)
	}
	if where, err := os.Getwd(); err == nil {
		t.Skipf("this system knows a folder that is gone: %s", where)
	}
	data := filepath.Join(t.TempDir(), "data")
	r, err := line(t).Resolve(sources(t, "data = "+fmt.Sprintf("%q", data)+"\n", nil))
	if err != nil || r.Options.Data != data {
		t.Errorf("the file names the folder: %v", err)
	}
	r, err = line(t, "--data", data).Resolve(sources(t, "", nil))
	if err != nil || r.Options.Data != data {
		t.Errorf("the command line names the folder: %v", err)
	}
	if _, err = line(t).Resolve(sources(t, "", nil)); err == nil || !strings.Contains(err.Error(), "data: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("nothing names the folder: %v", err)
	}
}

func TestMasking(t *testing.T) {
	for address, want := range map[string]string{
		"postgres:///adili":                       "postgres:///adili",
		"postgres://adili@db/adili":               "postgres://adili@db/adili",
		"postgres://adili:hush@db/adili":          "postgres://adili@db/adili (hidden)",
		"postgres://adili:@db/adili":              "postgres://adili@db/adili (hidden)",
		"postgres://db/adili?password=hush&a=b":   "postgres://db/adili?a=b (hidden)",
		"postgres://db/adili?sslpassword=hush":    "postgres://db/adili (hidden)",
		"postgres://u:h%zzush@db/":                "(hidden)",
		"host=db password=hush":                   "(hidden)",
		"postgresql://db/adili?host=%2Frun%2Fsql": "postgresql://db/adili?host=%2Frun%2Fsql",
	} {
		if got := maskDatabase(address); got != want {
			t.Errorf("%s is shown as %s, want %s", address, got, want)
		}
	}
	s := sources(t, "", map[string]string{"ADILI_DATABASE": "postgres://adili:hush@db/adili"})
	r, err := line(t).Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.PrintJSON(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "hush") || r.Options.Database != "postgres://adili:hush@db/adili" {
		t.Errorf("%s\n%s", r.Options.Database, &b)
	}
}

func TestPrint(t *testing.T) {
	s := sources(t, "backup-keep = 3\n", map[string]string{"ADILI_OIDC_LABEL": "a\x1b[31mb"})
	r, err := line(t, "--data=/srv/adili", "--behind-proxy=loopback,10.0.0.2").Resolve(s)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Print(&b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines) != len(Table)+1 || strings.Index(lines[0], "VALUE") != strings.Index(lines[2], "/srv/adili") {
		t.Errorf("not a table:\n%s", &b)
	}
	for _, want := range [][]string{
		{"data", "/srv/adili", "--data"}, {"behind-proxy", "loopback,", "10.0.0.2", "--behind-proxy"}, {"backup-keep", "3", s.File + ":1"},
		{"oidc-label", `"a\x1b[31mb"`, "ADILI_OIDC_LABEL"}, {"smtp", "-", "default"},
	} {
		if !slices.ContainsFunc(lines, func(l string) bool { return slices.Equal(strings.Fields(l), want) }) {
			t.Errorf("no line %v in\n%s", want, &b)
		}
	}
	b.Reset()
	if err := r.PrintJSON(&b); err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Key   string
		Value any
		From  Source
	}
	if err := json.Unmarshal(b.Bytes(), &rows); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, row := range rows {
		got[row.Key] = fmt.Sprintf("%v %s %d", row.Value, row.From.Kind, row.From.Line)
	}
	for key, want := range map[string]string{
		"backup-keep": "3 file 1", "behind-proxy": "[loopback 10.0.0.2] flag 0", "domain": "[] default 0", "smtp": "<nil> default 0", "data": "/srv/adili flag 0",
	} {
		if got[key] != want {
			t.Errorf("%s: %s, want %s", key, got[key], want)
		}
	}
}

func TestUnknownEnvironment(t *testing.T) {
	got := Unknown([]string{"ADILI_LISTN=1", "ADILI_DATA=x", "PATH=/bin", "ADILI_XYZZY=1"})
	want := []string{"ADILI_LISTN: there is no such option; did you mean ADILI_LISTEN?", "ADILI_XYZZY: there is no such option"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
