package option

import "os"

// Groups of options. A command takes whole groups.
const (
	Storage = "storage"
	Network = "network"
	Nodes   = "nodes"
	Backup  = "backup"
	Mail    = "mail"
	SignIn  = "sign-in"
	Log     = "log"
)

// Titles are the headings of the groups, in the order of the guide.
var Titles = []struct{ Group, Title string }{
	{Storage, "Where the data are"}, {Network, "Network and HTTPS"}, {Nodes, "Several nodes, S3-compatible storage"},
	{Backup, "Backup"}, {Mail, "Mail"}, {SignIn, "Sign-in with OpenID Connect"}, {Log, "Log"},
}

// Option is one option.
type Option struct {
	Key     string
	Group   string
	Type    *Type
	List    bool     // several values: repeated, or with commas between them
	Choices []string // the only values; empty for any
	Default string
	Help    string

	// Otherwise says in words what holds where the option is not set and
	// Default does not say it; derive works it out, "" for nothing.
	Otherwise string
	derive    func(*Options) string

	field func(*Options) any // *string, *int or *[]string
}

// Table has all options.
var Table = []*Option{
	{Key: "config", Group: Storage, Type: File, field: func(o *Options) any { return &o.Config },
		Help: "Configuration file.", Otherwise: "`" + SystemFile + "` if it is there, else `adili.toml` in the data folder"},
	{Key: "data", Group: Storage, Type: Path, Default: "data", field: func(o *Options) any { return &o.Data },
		Help: "Folder of everything that is kept."},
	{Key: "database", Group: Storage, Type: Database, field: func(o *Options) any { return &o.Database },
		Help: "PostgreSQL address, postgres://…; one with a password in it belongs in a file.", Otherwise: "an SQLite file in the data folder"},
	{Key: "database-file", Group: Storage, Type: SecretFile, field: func(o *Options) any { return &o.Database },
		Help: "File that holds the PostgreSQL address."},

	{Key: "listen", Group: Network, Type: Address, Default: "127.0.0.1:8080", field: func(o *Options) any { return &o.Listen },
		Help:      "Address to serve on. Plain HTTP is served on this machine only.",
		Otherwise: "`:443` with `domain` or `cert`", derive: func(o *Options) string { return when(o.HTTPS(), ":443") }},
	{Key: "http-listen", Group: Network, Type: MaybeAddress, field: func(o *Options) any { return &o.HTTPListen },
		Help:      "Address that leads plain HTTP to HTTPS and proves to the certificate authority that the name is ours; or none.",
		Otherwise: "`:80` with `domain` or `cert`", derive: func(o *Options) string { return when(o.HTTPS(), ":80") }},
	{Key: "admin-listen", Group: Network, Type: MaybeAddress, field: func(o *Options) any { return &o.AdminListen },
		Help: "Address for metrics, on this machine only; or none."},
	{Key: "address", Group: Network, Type: Site, field: func(o *Options) any { return &o.Address },
		Help: "The address by which people reach Adili, https://NAME, for links in mail and on cards.", Otherwise: "the first `domain`",
		derive: func(o *Options) string { return when(len(o.Domain) > 0, "https://"+first(o.Domain)) }},
	{Key: "domain", Group: Network, Type: Host, List: true, field: func(o *Options) any { return &o.Domain },
		Help: "Name to serve HTTPS under: its certificate is obtained and renewed."},
	{Key: "acme-directory", Group: Network, Type: URL, Default: "https://acme-v02.api.letsencrypt.org/directory", field: func(o *Options) any { return &o.ACMEDirectory },
		Help: "Directory of the certificate authority."},
	{Key: "acme-roots", Group: Network, Type: File, field: func(o *Options) any { return &o.ACMERoots },
		Help: "File of certificates by which that authority itself is known, if it is not a public one."},
	{Key: "acme-email", Group: Network, Type: Email, field: func(o *Options) any { return &o.ACMEEmail },
		Help: "E-mail address the certificate authority may write to."},
	{Key: "cert", Group: Network, Type: File, field: func(o *Options) any { return &o.Cert },
		Help: "Certificate file for HTTPS, with its chain, instead of domain; read again when it changes."},
	{Key: "key", Group: Network, Type: KeyFile, field: func(o *Options) any { return &o.Key },
		Help: "Key file of that certificate."},
	{Key: "behind-proxy", Group: Network, Type: Proxy, List: true, field: func(o *Options) any { return &o.BehindProxy },
		Help: "Address or network of a proxy in front at which HTTPS ends, loopback for one on this machine. It must keep no log of the answering pages."},

	{Key: "shared", Group: Nodes, Type: Place, field: func(o *Options) any { return &o.Shared },
		Help: "Files that several nodes share: s3://bucket/prefix?endpoint=https://host, or a folder."},
	{Key: "node", Group: Nodes, Type: Node, field: func(o *Options) any { return &o.Node },
		Help: "Name of this node among several.", Otherwise: "with `shared`, the machine's name", derive: nodeName},
	{Key: "s3-key-id", Group: Nodes, Type: Text, field: func(o *Options) any { return &o.S3KeyID },
		Help: "Key by which S3-compatible storage knows us."},
	{Key: "s3-secret-file", Group: Nodes, Type: SecretFile, field: func(o *Options) any { return &o.S3Secret },
		Help: "File that holds the secret of that key."},

	{Key: "backup-to", Group: Backup, Type: Place, field: func(o *Options) any { return &o.BackupTo },
		Help: "Where backups go by themselves every day: a folder, or s3://bucket/prefix?endpoint=https://host."},
	{Key: "backup-recipient", Group: Backup, Type: Text, List: true, field: func(o *Options) any { return &o.BackupRecipient },
		Help: "Public key (age1…) that backups are encrypted to."},
	{Key: "backup-at", Group: Backup, Type: TimeOfDay, Default: "02:30", field: func(o *Options) any { return &o.BackupAt },
		Help: "Time of day of the backup, by the server's clock."},
	{Key: "backup-keep", Group: Backup, Type: Number, Default: "14", field: func(o *Options) any { return &o.BackupKeep },
		Help: "How many backups are kept; 0 for any number."},
	{Key: "backup-keep-days", Group: Backup, Type: Number, Default: "90", field: func(o *Options) any { return &o.BackupKeepDays },
		Help: "How many days a backup is kept; 0 for ever. The newest is kept anyway."},

	{Key: "smtp", Group: Mail, Type: Address, field: func(o *Options) any { return &o.SMTP },
		Help: "Mail server, HOST:PORT.", Otherwise: "no mail is sent"},
	{Key: "smtp-user", Group: Mail, Type: Text, field: func(o *Options) any { return &o.SMTPUser },
		Help: "Name to sign in to the mail server with."},
	{Key: "smtp-password-file", Group: Mail, Type: SecretFile, field: func(o *Options) any { return &o.SMTPPassword },
		Help: "File that holds the password of smtp-user."},
	{Key: "smtp-from", Group: Mail, Type: Email, field: func(o *Options) any { return &o.SMTPFrom },
		Help: "Sender of mail."},
	{Key: "smtp-tls", Group: Mail, Type: Text, Choices: []string{"starttls", "tls", "none"}, Default: "starttls", field: func(o *Options) any { return &o.SMTPTLS },
		Help: "How mail is encrypted on its way to the mail server; none is for a mail server on this machine."},
	{Key: "smtp-roots", Group: Mail, Type: File, field: func(o *Options) any { return &o.SMTPRoots },
		Help: "File of certificates by which the mail server is known, if a public authority does not vouch for it."},

	{Key: "oidc-issuer", Group: SignIn, Type: URL, field: func(o *Options) any { return &o.OIDCIssuer },
		Help: "Address of the OpenID Connect provider at which staff may sign in."},
	{Key: "oidc-client-id", Group: SignIn, Type: Text, field: func(o *Options) any { return &o.OIDCClientID },
		Help: "Name by which the provider knows Adili."},
	{Key: "oidc-client-secret-file", Group: SignIn, Type: SecretFile, field: func(o *Options) any { return &o.OIDCClientSecret },
		Help: "File that holds the secret shared with the provider."},
	{Key: "oidc-label", Group: SignIn, Type: Text, field: func(o *Options) any { return &o.OIDCLabel },
		Help: "What the button on the sign-in page names.", Otherwise: "the provider's host"},
	{Key: "oidc-roots", Group: SignIn, Type: File, field: func(o *Options) any { return &o.OIDCRoots },
		Help: "File of certificates by which the provider is known, if a public authority does not vouch for it."},

	{Key: "log-format", Group: Log, Type: Text, Choices: []string{"text", "json"}, Default: "text", field: func(o *Options) any { return &o.LogFormat },
		Help: "Form of the log lines."},
}

func when(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// nodeName is the machine's name, where there are several.
func nodeName(o *Options) string {
	if o.Shared == "" {
		return ""
	}
	name, err := os.Hostname()
	if err != nil {
		return "" // said by the check: a node needs a name
	}
	return name
}
