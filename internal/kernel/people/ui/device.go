package ui

import (
	"net/http"
	"strings"

	"adili/internal/kernel/i18n"
)

// mark tells something by a piece of what a browser says of itself. The order matters: most claim to be others too.
type mark struct{ piece, name string }

var (
	browsers = []mark{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"YaBrowser", "Yandex"}, {"Firefox/", "Firefox"}, {"FxiOS", "Firefox"},
		{`"Google Chrome"`, "Chrome"}, {"CriOS", "Chrome"}, {"Chrome/", "Chromium"}, {"Safari/", "Safari"},
	}
	systems = []mark{
		{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"},
	}
)

func find(marks []mark, in string) string {
	for _, m := range marks {
		if strings.Contains(in, m.piece) {
			return m.name
		}
	}
	return ""
}

// device says in coarse words what somebody signs in with: browser and system, no version and no model. It is kept as
// "Firefox/Windows" and shown by deviceWords.
func device(h http.Header) string {
	said := h.Get("Sec-Ch-Ua") + h.Get("User-Agent")
	return find(browsers, said) + "/" + find(systems, said)
}

// deviceWords says it in the reader's language.
func deviceWords(p *i18n.Printer, kept string) string {
	browser, system, _ := strings.Cut(kept, "/")
	switch {
	case browser != "" && system != "":
		return p.T("people.device.both", "Browser", browser, "System", system)
	case browser+system != "":
		return browser + system
	}
	return p.T("people.device.unknown")
}
