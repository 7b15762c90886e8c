package option

import (
	"net"
	"net/url"
	"slices"
)

// Options is what is in force. An empty field is an option that is not set.
type Options struct {
	Config string // the configuration file that was read

	Data     string // folder of everything that is kept
	Database string // postgres:// address; empty for SQLite in the data folder

	Listen      string   // address of the pages
	HTTPListen  string   // beside HTTPS: leads plain HTTP there
	AdminListen string   // address of the metrics
	Address     string   // https://host by which people reach the pages, without a slash at the end
	Domain      []string // names to obtain a certificate for

	ACMEDirectory string   // where certificates are obtained
	ACMERoots     string   // file of roots to trust there, besides the machine's
	ACMEEmail     string   // told to the certificate authority
	Cert, Key     string   // files of a certificate obtained otherwise
	BehindProxy   []string // addresses and networks of the proxies in front at which HTTPS ends; "loopback" is this machine

	Shared   string // files of several nodes: a blob address
	Node     string // this node's name among several
	S3KeyID  string // of S3-compatible storage
	S3Secret string

	BackupTo        string // blob address of scheduled backups
	BackupRecipient []string
	BackupAt        string // 15:04, local to the server
	BackupKeep      int    // how many
	BackupKeepDays  int    // how long; 0 is for ever

	SMTP         string // host:port
	SMTPUser     string
	SMTPPassword string
	SMTPFrom     string
	SMTPTLS      string // starttls, tls or none
	SMTPRoots    string // file of roots to trust there, besides the machine's

	OIDCIssuer       string
	OIDCClientID     string
	OIDCClientSecret string
	OIDCLabel        string
	OIDCRoots        string // file of roots to trust there, besides the machine's

	LogFormat string // text or json
}

// HTTPS reports whether the program itself serves HTTPS.
func (o *Options) HTTPS() bool { return len(o.Domain) > 0 || o.Cert != "" }

// Hosts are the names readers use. Without a public address there are none, and
// only this machine can ask.
func (o *Options) Hosts() []string {
	names := slices.Clone(o.Domain)
	if u, err := url.Parse(o.Address); err == nil && u.Hostname() != "" && !slices.Contains(names, u.Hostname()) {
		names = append(names, u.Hostname())
	}
	return names
}

// Port is that of the public address; empty for the usual one.
func (o *Options) Port() string {
	if u, err := url.Parse(o.Address); err == nil {
		return u.Port()
	}
	return ""
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
