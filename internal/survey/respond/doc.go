// Package respond owns the answering pages, /{lang}/s/{round}: the start page
// with the code, the welcome, the questionnaire, the summary, the question
// whether to stop, the thank-you page and the privacy notice.
//
// The pages are complete without a script. There is no cookie, no account and
// no draft on the server: the answers so far travel in the form, sealed. The
// package logs nothing and measures nothing.
package respond
