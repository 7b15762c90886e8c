// Package phone answers a survey over HTTP the way a person with a phone does:
// it opens the start page, enters a code or follows the open link, fills in
// each form it is shown by the names and values the form offers, and sends.
// It knows nothing of the questionnaire but what stands in the pages.
//
// The demonstration is filled through it, and tests and benchmarks measure
// with it.
package phone
