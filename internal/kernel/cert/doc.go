// Package cert holds what is needed to serve HTTPS: certificates obtained and renewed by ACME (RFC 8555), or a pair of files
// that is read again when it changes. It knows how to answer an authority's challenges, over TLS (tls-alpn-01) and over plain
// HTTP (http-01), and what "adili check" and the metrics want to know: names, end, last error.
//
// A handshake never waits for an authority and never makes the program ask one: certificates are obtained by one goroutine,
// Keeper.Run, whether anybody visits or not. Handshakes that cannot be served are refused without a word in any log.
//
// TLS sessions cannot be resumed: a ticket is a mark by which a device is known again on its next visit, to the server and,
// with TLS 1.2, to everybody on the way.
package cert
