package app

import (
	"context"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
)

// inWords says an error in English: what it means and what to do, where it was
// made for readers, and below that the technical text.
func inWords(err error) string {
	e, ok := errs.Find(err)
	if !ok || e.Key == e.Kind.Key() {
		return err.Error()
	}
	catalogue, broken := i18n.Load(catalogues()...)
	if broken != nil {
		return err.Error()
	}
	p := catalogue.Printer("en")
	if !p.Has(e.Key) {
		return err.Error()
	}
	return p.T(e.Key, e.Args...) + "\n" + err.Error()
}

// worded is an error in words.
type worded struct{ error }

// Error implements error.
func (w worded) Error() string { return inWords(w.error) }

// Unwrap gives the error itself.
func (w worded) Unwrap() error { return w.error }

// inWordsOf makes a job tell its failure in words: it is shown to operators.
func inWordsOf(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := run(ctx); err != nil {
			return worded{err}
		}
		return nil
	}
}
