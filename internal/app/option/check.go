package option

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// Check says what in the options does not fit together, all of it, each with
// its remedy.
func (r *Resolved) Check() error {
	c := &checker{r: r, o: &r.Options}
	c.storage()
	c.https()
	c.nodes()
	c.backup()
	c.mail()
	c.signIn()
	return errors.Join(c.problems...)
}

type checker struct {
	r        *Resolved
	o        *Options
	problems []error
}

// source is where an option was set.
func (c *checker) source(key string) Source {
	i := slices.IndexFunc(c.r.Settings, func(s Setting) bool { return s.Option.Key == key })
	return c.r.Settings[i].Source
}

// set reports whether an option was set by somebody to something.
func (c *checker) set(key string) bool {
	i := slices.IndexFunc(c.r.Settings, func(s Setting) bool { return s.Option.Key == key })
	return c.r.Settings[i].Source.Kind != "default" && len(c.r.Settings[i].Values) > 0
}

// say notes a problem with an option that is set.
func (c *checker) say(key, format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf("%s (%s): %s", key, c.source(key), fmt.Sprintf(format, args...)))
}

// excludes notes each of the others that is set beside key.
func (c *checker) excludes(key, remedy string, others ...string) {
	for _, other := range others {
		if c.set(key) && c.set(other) {
			c.say(key, "cannot stand together with %s (%s); %s", other, c.source(other), remedy)
		}
	}
}

// needs notes each of the others that is missing while key is set.
func (c *checker) needs(key, why string, others ...string) {
	for _, other := range others {
		if c.set(key) && !c.set(other) {
			c.say(key, "needs %s too: %s", other, why)
		}
	}
}

func (c *checker) storage() {
	c.excludes("database", "take one of them away", "database-file")
	if c.set("database-file") && !c.set("database") {
		if _, err := database(c.o.Database, ""); err != nil {
			c.say("database-file", "what is in the file is %v", err)
		}
	}
}

func (c *checker) https() {
	c.excludes("domain", "either a certificate is obtained or you have one", "cert", "key")
	c.needs("cert", "a certificate is of use only with its key", "key")
	c.needs("key", "name its certificate", "cert")
	c.excludes("behind-proxy", "either the proxy has the certificate or Adili obtains it", "domain")
	c.needs("behind-proxy", "the proxy's https://NAME, for links in mail and on cards", "address")
	if !c.o.HTTPS() && c.set("http-listen") {
		c.say("http-listen", "leads to HTTPS, which is served only with domain or cert")
	}
	for _, key := range []string{"acme-directory", "acme-roots", "acme-email"} {
		c.needs(key, "a certificate is obtained for it", "domain")
	}
	if u, err := url.Parse(c.o.Address); err == nil && len(c.o.Domain) > 0 && !slices.Contains(c.o.Domain, strings.ToLower(u.Hostname())) {
		c.say("address", "%s is not one of the names under domain, so its certificate would not fit; add it there", u.Hostname())
	}
	if c.o.HTTPListen != "" && c.o.HTTPListen == c.o.Listen {
		c.say("http-listen", "is the same as listen; one of them must have another port")
	}
}

func (c *checker) nodes() {
	if c.o.Shared != "" {
		if c.o.Database == "" {
			c.say("shared", "several nodes need one PostgreSQL; set database or database-file")
		}
		if c.o.Node == "" {
			c.say("shared", "this machine has no name; set node")
		}
	}
	c.needs("node", "a node has a name only among several", "shared")
	c.needs("s3-key-id", "the key is of no use without its secret", "s3-secret-file")
	c.needs("s3-secret-file", "storage must know whose secret it is", "s3-key-id")
	for _, key := range []string{"shared", "backup-to"} {
		if i := slices.IndexFunc(c.r.Settings, func(s Setting) bool { return s.Option.Key == key }); strings.HasPrefix(first(c.r.Settings[i].Values), "s3://") {
			c.needs(key, "s3:// storage asks who we are", "s3-key-id")
		}
	}
}

func (c *checker) backup() {
	c.needs("backup-to", "a backup leaves this machine only encrypted, so name the public key to encrypt it to (adili backup key makes one)", "backup-recipient")
	for _, key := range []string{"backup-at", "backup-keep", "backup-keep-days"} {
		c.needs(key, "it says when and how long scheduled backups are kept", "backup-to")
	}
}

func (c *checker) mail() {
	c.needs("smtp", "mail needs a sender", "smtp-from")
	if c.o.SMTP != "" && c.o.Address == "" {
		c.say("smtp", "needs address or domain too: mail has links in it, https://NAME")
	}
	for _, key := range []string{"smtp-user", "smtp-password-file", "smtp-from", "smtp-tls", "smtp-roots"} {
		c.needs(key, "name the mail server", "smtp")
	}
	c.needs("smtp-user", "the mail server asks for it", "smtp-password-file")
	c.needs("smtp-password-file", "whose password it is", "smtp-user")
	if host, _, err := net.SplitHostPort(c.o.SMTP); err == nil && c.o.SMTPTLS == "none" && !loopback(host) {
		c.say("smtp-tls", "mail would cross the network in the clear; use starttls or tls, or a mail server on this machine")
	}
}

func (c *checker) signIn() {
	c.needs("oidc-issuer", "the provider must know Adili", "oidc-client-id", "oidc-client-secret-file")
	if c.o.OIDCIssuer != "" && c.o.Address == "" {
		c.say("oidc-issuer", "needs address or domain too: the provider sends people back there")
	}
	for _, key := range []string{"oidc-client-id", "oidc-client-secret-file", "oidc-label", "oidc-roots"} {
		c.needs(key, "name the provider", "oidc-issuer")
	}
}
