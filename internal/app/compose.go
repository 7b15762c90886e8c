package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"adili/internal/app/option"
	"adili/internal/backup"
	"adili/internal/kernel/blob"
	"adili/internal/kernel/cert"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/mail"
	"adili/internal/kernel/people"
	"adili/internal/kernel/people/oidc"
	"adili/internal/kernel/web"
)

// Backups says where backups go by themselves.
type Backups struct {
	Place      string // as it was configured
	Store      blob.Store
	At         string // time of day, 15:04
	Keep, Days int
}

// configure makes of the options what an App is made of.
func configure(o option.Options, log *slog.Logger) (c Config, err error) {
	c = Config{
		Data: o.Data, Database: o.Database, Clock: clock.System(), Log: log,
		Site: o.Address, Hosts: o.Hosts(), Secure: o.HTTPS(), Factor: true, Node: o.Node,
	}
	keys := blob.Keys{ID: o.S3KeyID, Secret: o.S3Secret}
	if c.Proxies, err = web.ParseProxies(o.BehindProxy); err != nil {
		return c, fmt.Errorf("behind-proxy: %w", err)
	}
	if o.Shared != "" {
		if c.Shared, err = blob.Open(o.Shared, keys); err != nil {
			return c, fmt.Errorf("shared: %w", err)
		}
	}
	if c.Cert, err = keeper(o, log); err != nil {
		return c, err
	}
	if o.Key != "" {
		c.Secrets = []string{o.Key} // those whose options end in -file are looked at as they are read
	}
	if len(o.Domain) > 0 {
		c.Directory = o.ACMEDirectory
	}
	if len(o.BackupRecipient) > 0 {
		if c.Recipients, err = recipients(&o); err != nil {
			return c, err
		}
	}
	if c.Backups, err = backups(&o, keys); err != nil {
		return c, err
	}
	return c, outside(&c, o)
}

// keeper gives what keeps the certificates; nil when others serve HTTPS.
func keeper(o option.Options, log *slog.Logger) (*cert.Keeper, error) {
	if !o.HTTPS() {
		return nil, nil
	}
	k, err := cert.New(cert.Config{
		Domains: o.Domain, Directory: o.ACMEDirectory, Roots: o.ACMERoots, Email: o.ACMEEmail, Folder: filepath.Join(o.Data, certFolder),
		CertFile: o.Cert, KeyFile: o.Key, Port: o.Port(), Clock: clock.System(), Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return k, nil
}

// backups gives where backups go; nil when that was not said.
func backups(o *option.Options, keys blob.Keys) (*Backups, error) {
	if o.BackupTo == "" {
		return nil, nil
	}
	b := &Backups{Place: o.BackupTo, At: o.BackupAt, Keep: o.BackupKeep, Days: o.BackupKeepDays}
	var err error
	if b.Store, err = blob.Open(o.BackupTo, keys); err != nil {
		return nil, fmt.Errorf("backup-to: %w", err)
	}
	return b, nil
}

func recipients(o *option.Options) ([]age.Recipient, error) {
	all, err := backup.ParseRecipients(strings.Join(o.BackupRecipient, "\n"))
	if err != nil {
		return nil, fmt.Errorf("backup-recipient: %w", err)
	}
	return all, nil
}

// outside prepares what speaks to other machines. None of it is asked yet.
func outside(c *Config, o option.Options) (err error) {
	if o.SMTP != "" {
		roots, err := readRoots("smtp-roots", o.SMTPRoots)
		if err != nil {
			return err
		}
		c.Mail, err = mail.New(mail.Config{Address: o.SMTP, User: o.SMTPUser, Password: o.SMTPPassword, From: o.SMTPFrom, TLS: o.SMTPTLS, Roots: roots})
		if err != nil {
			return fmt.Errorf("smtp: %w", err)
		}
	}
	if o.OIDCIssuer == "" {
		return nil
	}
	roots, err := readRoots("oidc-roots", o.OIDCRoots)
	if err != nil {
		return err
	}
	provider := oidc.Config{
		Issuer: o.OIDCIssuer, ClientID: o.OIDCClientID, ClientSecret: o.OIDCClientSecret, Label: o.OIDCLabel,
		Redirect: o.Address + "/staff/oidc/return", Roots: roots,
	}
	if err := provider.Valid(); err != nil {
		return fmt.Errorf("oidc-issuer: %w", err)
	}
	c.Provider = oidc.New(provider)
	return nil
}

// readRoots reads a file of certificates to trust.
func readRoots(key, path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	roots, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return roots, nil
}

// appKey is the key that the secrets of authenticator apps are sealed under. It
// lies beside the database, not in it. Several nodes share it; one that a
// restore, or the time before there were several, left here goes to all.
func appKey(ctx context.Context, c Config) ([]byte, error) {
	here, err := blob.Open(c.Data, blob.Keys{})
	if err != nil {
		return nil, err
	}
	store := here
	key, err := blob.ReadFile(ctx, here, appKeyFile)
	if c.Shared != nil {
		store = c.Shared
		if err == nil {
			return key, errors.Join(blob.WriteFile(ctx, store, appKeyFile, key), here.Delete(ctx, appKeyFile))
		}
		key, err = blob.ReadFile(ctx, store, appKeyFile)
	}
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = people.NewKey()
	return key, blob.WriteFile(ctx, store, appKeyFile, key)
}
