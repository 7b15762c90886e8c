package app

import (
	"context"

	"adili/internal/kernel/i18n"
)

// inWords says an error in English, with what to do.
func inWords(err error) string {
	catalogue, broken := i18n.Load(catalogues()...)
	if broken != nil {
		return err.Error()
	}
	return catalogue.Printer("en").Explain(err)
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
