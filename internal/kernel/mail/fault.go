package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/textproto"

	"adili/internal/kernel/errs"
)

// step is how far a conversation got.
type step string

const (
	atConnect   step = "connecting"
	atGreeting  step = "greeting"
	atStartTLS  step = "asking for STARTTLS"
	atTLS       step = "encrypting"
	atWays      step = "choosing how to sign in"
	atSignIn    step = "signing in"
	atSender    step = "naming the sender"
	atRecipient step = "naming the recipient"
	atMessage   step = "handing over the message"
)

// keys say what a failed step comes to, when the server's answer does not tell more.
var keys = map[step]string{
	atConnect:   "mail.error.unreachable",
	atGreeting:  "mail.error.silent",
	atStartTLS:  "mail.error.no_starttls",
	atTLS:       "mail.error.encrypting",
	atWays:      "mail.error.no_sign_in",
	atSignIn:    "mail.error.sign_in",
	atSender:    "mail.error.sender",
	atRecipient: "mail.error.recipient",
	atMessage:   "mail.error.refused",
}

// fault is a step that failed, and why.
type fault struct {
	server string
	at     step
	err    error
}

// Error gives the step and the cause, for the log.
func (f fault) Error() string { return fmt.Sprintf("%s with %s: %v", f.at, f.server, f.err) }

// Unwrap gives the cause.
func (f fault) Unwrap() error { return f.err }

// explain gives the error for the page: what it means and what to do.
func (f fault) explain(ctx context.Context) error {
	if answer, ok := errors.AsType[*textproto.Error](f.err); ok {
		return f.answered(answer)
	}
	key, kind := keys[f.at], errs.Unavailable
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](f.err)
	_, notTLS := errors.AsType[tls.RecordHeaderError](f.err)
	switch {
	case untrusted:
		key = "mail.error.certificate"
	case notTLS:
		key = "mail.error.not_tls"
	case f.at != atConnect && f.at != atStartTLS && f.at != atWays && f.at != atGreeting && f.at != atTLS:
		key = "mail.error.broken_off" // the connection, not an answer: there was none
	}
	cause := error(f)
	if ctx.Err() != nil {
		cause = errors.Join(f, ctx.Err())
	}
	return errs.New(kind, key, "Server", f.server).Because(cause)
}

// answered gives the error for an answer of the server. The log gets its code only: the words often repeat an address.
func (f fault) answered(answer *textproto.Error) error {
	cause := fault{f.server, f.at, fmt.Errorf("code %d", answer.Code)}
	key, kind := keys[f.at], errs.Unavailable
	switch {
	case answer.Code == 530: // RFC 4954, 6: authentication required
		key = "mail.error.needs_sign_in"
	case answer.Code/100 == 4:
		key = "mail.error.later"
	case f.at == atGreeting || f.at == atStartTLS || f.at == atTLS:
		key = "mail.error.refused"
	case f.at == atRecipient:
		kind = errs.Invalid
	}
	return errs.New(kind, key, "Server", f.server, "Answer", quotable(fmt.Sprintf("%d %s", answer.Code, answer.Msg))).Because(cause)
}
