package web

import (
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// rgb is a colour in linear light.
type rgb [3]float64

// tokens reads the custom properties that are colours from the sheet, for light and for dark. Dark ones stand in for light
// ones that dark does not change.
func tokens(t *testing.T) (light, dark map[string]rgb) {
	t.Helper()
	css, err := assetFiles.ReadFile("asset/adili.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(string(css), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d blocks of tokens, want light and dark", len(blocks))
	}
	read := func(block string) map[string]rgb {
		all := make(map[string]rgb)
		for _, m := range regexp.MustCompile(`--([\w-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(block, -1) {
			n, _ := strconv.ParseUint(m[2], 16, 32) // the pattern lets only hex through
			for i := range 3 {
				c := float64(n>>(16-8*i)&255) / 255
				if c <= .04045 {
					c /= 12.92
				} else {
					c = math.Pow((c+.055)/1.055, 2.4)
				}
				v := all[m[1]]
				v[i] = c
				all[m[1]] = v
			}
		}
		return all
	}
	light, dark = read(blocks[0][1]), read(blocks[1][1])
	if len(light) != len(dark) || len(light) < 20 {
		t.Fatalf("%d colours in light, %d in dark", len(light), len(dark))
	}
	return light, dark
}

func (c rgb) luminance() float64 { return .2126*c[0] + .7152*c[1] + .0722*c[2] }

// contrast is WCAG 2.2's ratio.
func contrast(a, b rgb) float64 {
	x, y := a.luminance()+.05, b.luminance()+.05
	return max(x, y) / min(x, y)
}

func TestContrast(t *testing.T) {
	light, dark := tokens(t)
	var pairs []struct {
		text, ground string
		least        float64
	}
	add := func(least float64, grounds string, texts ...string) {
		for _, text := range texts {
			for ground := range strings.FieldsSeq(grounds) {
				pairs = append(pairs, struct {
					text, ground string
					least        float64
				}{text, ground, least})
			}
		}
	}
	const everywhere = "paper surface sunk accent-soft"
	add(7, everywhere, "ink")
	add(4.5, everywhere, "muted", "accent", "accent-deep", "error")
	add(4.5, "warn-soft", "warn", "ink", "accent")
	add(4.5, "accent accent-deep", "on-accent")
	add(4.5, "paper surface", "official", "private") // labels of tags and charts
	add(3, everywhere, "edge")
	for i := 1; i <= 5; i++ {
		add(4.5, fmt.Sprint("scale-", i), fmt.Sprint("on-scale-", i))
	}
	for name, set := range map[string]map[string]rgb{"light": light, "dark": dark} {
		for _, p := range pairs {
			if got := contrast(set[p.text], set[p.ground]); got < p.least {
				t.Errorf("%s: --%s on --%s: %.2f, want %.1f", name, p.text, p.ground, got, p.least)
			}
		}
		for i := 1; i < 5; i++ {
			a, b := set[fmt.Sprint("scale-", i)], set[fmt.Sprint("scale-", i+1)]
			if got := contrast(a, b); got < 1.3 {
				t.Errorf("%s: scale %d and %d differ by %.2f only", name, i, i+1, got)
			}
		}
	}
}

// deficiencies are Machado, Oliveira and Fernandes 2009, severity 1.0, in linear light.
var deficiencies = map[string][3][3]float64{
	"none":         {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{.152286, 1.052583, -.204868}, {.114503, .786281, .099216}, {-.003882, -.048116, 1.051998}},
	"deuteranopia": {{.367322, .860646, -.227968}, {.280085, .672501, .047413}, {-.011820, .042940, .968881}},
	"tritanopia":   {{1.255528, -.076749, -.178779}, {-.078411, .930809, .147602}, {.004733, .691367, .303900}},
}

// lab turns linear sRGB into CIELAB (D65).
func (c rgb) lab() [3]float64 {
	f := func(t float64) float64 {
		if t > 216.0/24389 {
			return math.Cbrt(t)
		}
		return (24389.0/27*t + 16) / 116
	}
	x := f((.4124564*c[0] + .3575761*c[1] + .1804375*c[2]) / .95047)
	y := f(c.luminance())
	z := f((.0193339*c[0] + .1191920*c[1] + .9503041*c[2]) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func TestPopulationsForColourBlind(t *testing.T) {
	light, dark := tokens(t)
	see := func(m [3][3]float64, c rgb) (out rgb) {
		for i := range 3 {
			out[i] = min(1, max(0, m[i][0]*c[0]+m[i][1]*c[1]+m[i][2]*c[2]))
		}
		return out
	}
	for name, set := range map[string]map[string]rgb{"light": light, "dark": dark} {
		for kind, m := range deficiencies {
			a, b := see(m, set["official"]).lab(), see(m, set["private"]).lab()
			if d := math.Hypot(math.Hypot(a[0]-b[0], a[1]-b[1]), a[2]-b[2]); d < 25 {
				t.Errorf("%s, %s: official and private are %.0f apart, want 25", name, kind, d)
			}
		}
	}
}

func TestAssetSizes(t *testing.T) {
	a := newAssets(nil)
	for name, most := range map[string]int{"adili.css": 12 << 10, "adili.js": 2 << 10, "icon.svg": 1 << 10} {
		file, ok := a.file[a.address[name]]
		if !ok {
			t.Errorf("%s is missing", name)
			continue
		}
		t.Logf("%s: %d bytes, %d compressed", name, len(file.body), len(file.zipped))
		if len(file.zipped) > most {
			t.Errorf("%s: %d bytes compressed, want at most %d", name, len(file.zipped), most)
		}
		if file.contentType == "" {
			t.Errorf("%s has no content type", name)
		}
	}
}

func TestStyleIsOurs(t *testing.T) {
	css, err := assetFiles.ReadFile("asset/adili.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, banned := range []string{"http:", "https:", "@import", "@font-face", "url(", "margin-left", "margin-right", "padding-left", "padding-right", "text-align: left", "text-align: right"} {
		if strings.Contains(string(css), banned) {
			t.Errorf("the style sheet holds %q", banned)
		}
	}
	if strings.Count(string(css), "{") != strings.Count(string(css), "}") {
		t.Error("braces do not match")
	}
}

func TestServeAsset(t *testing.T) {
	f := newFixture(t, nil)
	address := f.assets.address["adili.js"]
	w := f.do(request{url: address, header: map[string]string{"Accept-Encoding": "gzip, br"}})
	if w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Fatalf("headers %v", w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	zipped, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if bare := f.do(request{url: address}).Body.String(); bare != string(zipped) || !strings.Contains(bare, "replaceState") || strings.Contains(bare, "//") {
		t.Errorf("script:\n%s", bare)
	}
	if w := f.do(request{method: "POST", url: address}); w.Code != http.StatusNotFound {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestStaffStyle(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.Style = []byte("/* charts */\n.chart-x { color: var(--ink); }\n") })
	address := f.assets.address["staff.css"]
	if body := f.do(request{url: address}).Body.String(); body != ".chart-x { color: var(--ink); }" {
		t.Errorf("staff.css is %q", body)
	}
	if !strings.Contains(f.do(request{url: "/staff/me", token: "analyst"}).Body.String(), `href="`+address+`"`) {
		t.Error("staff pages do not load it")
	}
	if strings.Contains(f.do(request{url: "/en/s/x"}).Body.String(), address) {
		t.Error("answering pages load it")
	}
}
