package ui

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"adili/instrument"
	"adili/internal/survey/code"
	"adili/internal/testkit/dbtest"
	"adili/internal/testkit/roundtest"
)

func TestBadUploads(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	round := f.made()
	f.want(f.upload(round+"/official/frame/upload", "f.csv", []byte("Region,People\nNorth,300\n")), http.StatusSeeOther)
	for name, c := range map[string]struct {
		page, file string
		data       []byte
		code       int
		texts      []string
	}{
		"text as xlsx":      {"frame/upload", "f.xlsx", []byte("no workbook"), 400, nil},
		"unknown kind":      {"frame/upload", "f.pdf", []byte("%PDF-1.7"), 400, nil},
		"not UTF-8":         {"frame/upload", "f.csv", []byte("R\xe9gion,People\nNorth,3\n"), 400, nil},
		"ragged":            {"frame/upload", "f.csv", []byte("Region,People\nNorth,30,9\n"), 400, []string{"f.csv", "row 2"}},
		"no number":         {"frame/upload", "f.csv", []byte("Region,People\nNorth,many\n\nSouth,-3\n"), 400, []string{"row 2", "“many” is no whole number", "row 4"}},
		"zip bomb":          {"frame/upload", "f.xlsx", bomb(t), 413, nil},
		"small office":      {"offices/upload", "o.csv", []byte("Office,People\nPort,45\nHut,7\n"), 400, []string{"row 3", "at least 20"}},
		"not JSON":          {"questionnaire", "q.json", []byte("{\n\"format\": oops\n}"), 400, []string{"q.json", "line 2"}},
		"other population":  {"questionnaire", "q.json", privateFile(t, f, round), 400, []string{"private"}},
		"unknown field":     {"questionnaire", "q.json", []byte("{\n\"format\":\"adili-instrument/1\",\n\"colour\":1}"), 400, []string{"line 3", "colour", "not part of the format"}},
		"an empty document": {"frame/upload", "f.csv", nil, 400, nil},
	} {
		w := f.upload(round+"/official/"+c.page, c.file, c.data)
		if w.Code != c.code {
			t.Errorf("%s: status %d, want %d: %s", name, w.Code, c.code, w.Body)
		}
		for _, text := range c.texts {
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: the page lacks %q", name, text)
			}
		}
	}
	f.want(f.get(round+"/official/frame"), http.StatusOK, "North", "300") // nothing half-imported
	f.want(f.get(round+"/official/offices"), http.StatusOK)
}

func privateFile(t *testing.T, f *fixture, round string) []byte {
	t.Helper()
	w := f.get(round + "/private/questionnaire/file")
	f.want(w, http.StatusOK)
	return w.Body.Bytes()
}

// bomb is a workbook whose sheet inflates to far more than any frame.
func bomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "xl/worksheets/sheet1.xml"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(w, zeros{}, 80<<20); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// counter counts what is read from a body that never ends.
type counter struct {
	head io.Reader
	read int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.head.Read(p)
	if err == io.EOF {
		n, err = zeros{}.Read(p)
	}
	c.read += int64(n)
	return n, err
}

func TestHugeUploadIsRefusedEarly(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	round := f.made()
	head := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\n\r\n"
	body := &counter{head: strings.NewReader(head)}
	r := httptest.NewRequest("POST", round+"/official/frame/upload", io.LimitReader(body, 200<<20))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	f.want(f.send(r), http.StatusRequestEntityTooLarge)
	if body.read > 10<<20 {
		t.Errorf("%d bytes were read", body.read)
	}
}

func TestTypedFrame(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	page := f.made() + "/official/frame"
	values := url.Values{"rows": {"8"}, "do": {"save"}, "c0_1": {"Region"}, "c1_1": {"North"}, "c1_5": {"300"}, "c3_1": {"South"}, "c3_5": {"lots"}}
	f.want(f.post(page, values), http.StatusBadRequest, "row 3", "“lots” is no whole number", `value="lots"`, `id="f-c3_5-error"`, `value="North"`)
	values.Set("do", "more")
	f.want(f.post(page, values), http.StatusOK, `name="c14_5"`, `value="lots"`)
	values.Set("do", "save")
	values.Set("c3_5", "٩٥")
	f.want(f.post(page, values), http.StatusSeeOther)
	f.want(f.get(page), http.StatusOK, "395")
	w := f.get(page + "/template")
	f.want(w, http.StatusOK, "Region,People")
}

func TestTypedOffices(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	page := f.made() + "/official/offices"
	values := url.Values{"rows": {"8"}, "c1_1": {"Port"}, "c1_2": {"45"}, "c2_1": {"Hut"}, "c2_2": {"3"}, "c2_4": {"x"}}
	f.want(f.post(page, values), http.StatusBadRequest, "This office has 3 people", `value="Hut"`, "checked")
	values.Set("c2_2", "30")
	f.want(f.post(page, values), http.StatusSeeOther)
	f.want(f.get(page), http.StatusOK, `value="Hut"`, `value="45"`)
	f.want(f.post(page, url.Values{"rows": {"8"}}), http.StatusSeeOther) // an emptied list
}

func TestCodeFiles(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	round := f.planned()
	page := round + "/official/invitations"
	f.want(f.post(page, url.Values{"output": {"cards"}, "count_1": {"many"}}), http.StatusBadRequest, `value="many"`)
	f.want(f.post(page, url.Values{"output": {"cards"}, "count_1": {"4000"}, "made_before": {"52"}}), http.StatusBadRequest, "codes for “", `value="4000"`)
	for output, columns := range map[string]int{"card_csv": 2, "link_csv": 3} {
		before := regexp.MustCompile(`name="made_before" value="(\d+)"`).FindStringSubmatch(f.get(page).Body.String())[1]
		w := f.post(page, url.Values{"output": {output}, "count_1": {"5"}, "count_2": {"3"}, "made_before": {before}})
		f.want(w, http.StatusOK)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 9 || len(rows[0]) != columns {
			t.Fatalf("%s: %v, %v", output, rows, err)
		}
		for _, row := range rows[1:] {
			if _, err := code.Parse(row[1]); err != nil {
				t.Errorf("%s: code %q: %v", output, row[1], err)
			}
			if columns == 3 && row[2] != "https://customs.example/en/s/"+strings.TrimPrefix(round, "/staff/rounds/")+"#"+row[1] {
				t.Errorf("address %q", row[2])
			}
		}
	}
	f.want(f.upload(round+"/official/frame/upload", "f.csv", []byte("Region,People\nNorth,300\n")), http.StatusConflict, "Codes have been made")
	f.want(f.post(page+"/void", url.Values{}), http.StatusSeeOther)
	f.want(f.get(page), http.StatusOK, "Codes made: 68")
	f.want(f.post(page+"/void", url.Values{"confirm": {"yes"}}), http.StatusSeeOther)
	f.want(f.get(page), http.StatusOK, "Codes made: 0")
}

func TestOpenLinkOnly(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	round := f.made()
	f.want(f.post(round+"/private/plan", url.Values{"selection": {"link"}, "margin": {"5"}, "response": {"60"}, "design_effect": {"1"}, "breakdown": {"stratum"}}), http.StatusSeeOther)
	w := f.get(round + "/private/invitations")
	f.want(w, http.StatusOK, "https://customs.example/ar/s/", "also more than once")
	if strings.Contains(w.Body.String(), "count_") {
		t.Error("codes are offered for an open link")
	}
	f.want(f.post(round+"/private/invitations", url.Values{"output": {"cards"}, "count_101": {"3"}}), http.StatusBadRequest)
	f.want(f.get(round+"/private/plan"), http.StatusOK, "never joined with invited ones")
}

func TestDelete(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	round := f.made()
	f.want(f.post(round+"/delete", url.Values{}), http.StatusSeeOther)
	f.want(f.get(round), http.StatusOK)
	f.want(f.post(round+"/delete", url.Values{"confirm": {"yes"}}), http.StatusSeeOther)
	f.want(f.get(round), http.StatusNotFound)
}

func TestOwnQuestionnaire(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	page := f.made() + "/official/questionnaire"
	data := bytes.Replace(instrument.Official(), []byte(`"version": "1.0"`), []byte(`"version": "9.9"`), 1)
	f.want(f.upload(page, "own.json", data), http.StatusSeeOther)
	f.want(f.get(page), http.StatusOK, "Version 9.9", "Back to the questionnaire")
	r := httptest.NewRequest("POST", page, strings.NewReader("do=bundled"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f.want(f.send(r), http.StatusSeeOther)
	f.want(f.get(page), http.StatusOK, "Version 1.0", "comes with Adili", "agreeing speaks against integrity")
}
