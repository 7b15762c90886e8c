// Package logtest reads a log as somebody would who looks for people in it.
package logtest

import (
	"net/netip"
	"regexp"
	"strings"
)

var (
	email   = regexp.MustCompile(`[^\s"'<>=,;:]+(@|%40)[^\s"'<>,;:]+\.[^\s"'<>,;:]+`)
	address = regexp.MustCompile(`[0-9A-Fa-f:.]{4,}`)
	account = regexp.MustCompile(`\bperson_[A-Za-z0-9]+`)
	long    = regexp.MustCompile(`[A-Za-z0-9_-]{20,}`)
)

// Personal lists what in a log tells of a person or opens something: e-mail addresses, addresses of other machines,
// identifiers of accounts, long random words such as sessions and one-time links, and the given words, such as names,
// passwords and codes that the test used. Some random words do belong into a log, such as identifiers of rounds and the
// hash of the trail's head: what allowed matches is passed over.
func Personal(log string, allowed *regexp.Regexp, words ...string) []string {
	var found []string
	for line := range strings.Lines(log) {
		for _, what := range suspects(line, words) {
			if allowed == nil || !allowed.MatchString(what) {
				found = append(found, what+" in: "+strings.TrimSpace(line))
			}
		}
	}
	return found
}

func suspects(line string, words []string) []string {
	found := append(email.FindAllString(line, -1), account.FindAllString(line, -1)...)
	for _, at := range address.FindAllStringIndex(line, -1) {
		if at[0] > 0 && isLetter(line[at[0]-1]) || at[1] < len(line) && isLetter(line[at[1]]) {
			continue // part of a word
		}
		if text := line[at[0]:at[1]]; foreign(text) {
			found = append(found, text)
		}
	}
	for _, word := range long.FindAllString(line, -1) {
		if random(word) {
			found = append(found, word)
		}
	}
	for _, word := range words {
		if len(word) >= 3 && strings.Contains(strings.ToLower(line), strings.ToLower(word)) {
			found = append(found, word)
		}
	}
	return found
}

// foreign reports whether the text is the address of another machine, with or without a port.
func foreign(text string) bool {
	text = strings.TrimRight(text, ".:")
	ip, err := netip.ParseAddr(text)
	if err != nil {
		var withPort netip.AddrPort
		if withPort, err = netip.ParseAddrPort(text); err != nil {
			return false
		}
		ip = withPort.Addr()
	}
	return !ip.IsLoopback() && !ip.IsUnspecified()
}

// random reports whether a long word looks like one drawn by chance: letters and digits in turn.
func random(word string) bool {
	turns := 0
	for i := 1; i < len(word); i++ {
		if isDigit(word[i]) != isDigit(word[i-1]) {
			turns++
		}
	}
	return turns*6 >= len(word)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
