package translate

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adili/form/translation"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/questionnaire"
	"adili/internal/questionnaire/ui/frame"
)

// perPage is how many texts a page of a translation shows: each has five fields.
const perPage = 25

// shows are the texts that can be asked for.
var shows = []string{"open", "stale", "all"}

type translateView struct {
	Header   frame.Header
	Name     frame.Link // the language
	Source   frame.Link
	Edit     bool
	IsSource bool
	Action   string
	Show     string
	From     int
	Shows    []frame.Link
	Percent  int
	Done     string
	Stale    int
	Faulty   int
	Lines    []TranslateLine
	Pages    []frame.Link
	Statuses []frame.Option
	Signs    []SignLine
	Sign     string
	Screens  []SignLine // of the respondents' screens: consent and promise
	Shown    string     // how far those are translated
	Files    []frame.Link
	Whole    []frame.Link // files with the respondents' screens
	Upload   string
	File     frame.Field
	Problems []frame.FaultLine // of a file that was taken
	Taken    string
}

// TranslateLine is one text with its translation.
type TranslateLine struct {
	N            int
	Unit, Source string
	Item         string // address of the question in the editor
	Place        string
	Target, Was  string
	Back         string
	Status       []frame.Option
	Comments     []translation.Comment
	Stale        string // the source as it was translated; empty when it is the same
	Problems     []string
	Required     bool
}

// SignLine is the signature of one role, or that it is lacking.
type SignLine struct {
	Role, Title, By, Day string
	Mine                 bool // whether it can be signed for now
}

// tagOf is the language of the address. The one of the source can be signed for,
// not translated.
func tagOf(r *web.Request, d frame.Draft) (string, error) {
	tag := r.PathValue("tag")
	if _, ok := d.Questionnaire.Languages[tag]; !ok {
		return "", errs.New(errs.NotFound, errs.NotFound.Key())
	}
	return tag, nil
}

func (m *Room) texts(r *web.Request, d frame.Draft) (web.Reply, error) {
	return m.showTranslation(r, d, r.URL.Query(), nil, nil)
}

// showTranslation shows the texts side by side. typed is a form that came back;
// taken what a file brought.
func (m *Room) showTranslation(r *web.Request, d frame.Draft, query url.Values, taken *questionnaire.Taken, err error) (web.Reply, error) {
	tag, problem := tagOf(r, d)
	if problem != nil {
		return nil, problem
	}
	q := d.Questionnaire
	book := translation.Of(q)
	here := d.URL("translate/" + tag)
	covered := d.Ledger.Covered(book, tag)
	v := translateView{
		Header: d.Header(r, err), Name: frame.Tongue(tag), Source: frame.Tongue(q.Source),
		Edit: d.Editable, IsSource: tag == q.Source, Action: here, Sign: here + "/sign", Upload: here + "/file", Percent: covered.Percent(),
		Done: r.Printer.T("library.covered", "Done", covered.Done, "Need", covered.Need), Stale: covered.Stale, Faulty: covered.Faulty,
	}
	v.Header.Way = append(v.Header.Way, frame.Link{Text: r.Printer.T("library.tab.translate"), URL: d.URL("translate")})
	v.File = frame.Fill(r.Printer, nil, nil).Field("file", "file")
	v.File.Accept, v.File.Must = ".xlf,.xliff,.po,.xlsx", true
	v.File.Hint = r.Printer.T("library.translation_file_hint")
	for _, format := range []string{"xlf", "po", "xlsx"} {
		v.Files = append(v.Files, frame.Link{Text: r.Printer.T("library.export." + format), URL: here + "/file/" + format})
	}
	if taken != nil {
		v.Taken = r.Printer.N("library.taken_n", taken.Texts)
		v.Problems = frame.Details(r.Printer, nil, taken.Problems)
	}
	e := saying{Printer: r.Printer, d: d}
	v.Signs = e.signs(d.Ledger, book, tag)
	screens, noted, problem := m.service.Screens(r.Context(), r.Person, tag)
	if problem != nil {
		return nil, problem
	}
	v.Screens, v.Shown = e.signs(noted, screens, tag), r.Printer.T("library.percent", "N", noted.Covered(screens, tag).Percent())
	for _, format := range []string{"xlf", "po", "xlsx"} {
		v.Whole = append(v.Whole, frame.Link{Text: r.Printer.T("library.export." + format), URL: here + "/file/" + format + "?screens=yes"})
	}
	if !v.IsSource {
		e.texts(&v, book, tag, query, err)
	}
	return m.translate.Titled(frame.Status(err), r.Printer.T("library.into", "Language", frame.Native(tag)), v), nil
}

// texts puts the lines that are asked for on the page.
func (e saying) texts(v *translateView, book translation.Book, tag string, query url.Values, err error) {
	v.Show = query.Get("show")
	if !slices.Contains(shows, v.Show) {
		v.Show = "all"
	}
	for _, show := range shows {
		v.Shows = append(v.Shows, frame.Link{Text: e.T("library.show." + show), URL: e.d.URL("translate/"+tag, "show", show), Current: show == v.Show})
	}
	for _, s := range translation.Statuses {
		v.Statuses = append(v.Statuses, frame.Option{Value: string(s), Label: e.T("library.status." + string(s))})
	}
	var wanted []translation.Line
	for _, line := range e.d.Ledger.Lines(book, tag) {
		if v.Show == "all" || v.Show == "stale" && line.Stale || v.Show == "open" && !line.Done() {
			wanted = append(wanted, line)
		}
	}
	v.From, _ = strconv.Atoi(query.Get("from"))
	v.From = max(0, min(v.From, len(wanted)-1)) / perPage * perPage
	for n := 0; n < len(wanted) && len(wanted) > perPage; n += perPage {
		u := e.d.URL("translate/"+tag, "show", v.Show, "from", strconv.Itoa(n))
		v.Pages = append(v.Pages, frame.Link{Text: strconv.Itoa(n/perPage + 1), URL: u, Current: n == v.From})
	}
	for i, line := range wanted[v.From:min(v.From+perPage, len(wanted))] {
		one := e.line(i, line)
		if sent := query["text"+suffix(i)]; err != nil && query.Get("unit"+suffix(i)) == line.ID && len(sent) > 0 {
			one.Target, one.Back = sent[0], query.Get("back"+suffix(i))
		}
		v.Lines = append(v.Lines, one)
	}
}

func suffix(i int) string { return "_" + strconv.Itoa(i) }

func (e saying) line(i int, line translation.Line) TranslateLine {
	one := TranslateLine{
		N: i, Unit: line.ID, Source: line.Source, Target: line.Target, Was: line.Target, Back: line.Back, Comments: line.Comments, Required: line.Required,
		Place: e.place(line.Unit),
	}
	if line.Item != "" {
		one.Item = e.d.Item(line.Item)
	}
	if line.Stale {
		one.Stale = line.Of
	}
	for _, s := range translation.Statuses {
		one.Status = append(one.Status, frame.Option{Value: string(s), Label: e.T("library.status." + string(s)), Chosen: s == line.Status})
	}
	if len(line.Lack) > 0 {
		one.Problems = append(one.Problems, e.T("library.lack", "Names", placeholders(line.Lack)))
	}
	if len(line.Extra) > 0 {
		one.Problems = append(one.Problems, e.T("library.extra", "Names", placeholders(line.Extra)))
	}
	return one
}

func placeholders(names []string) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = "${" + n + "}"
	}
	return strings.Join(all, ", ")
}

// place says where a text stands: the question, or what sort of text it is.
func (e saying) place(u translation.Unit) string {
	if u.Item != "" {
		return u.Item
	}
	sort, rest, _ := strings.Cut(u.ID, ":")
	if key := "library.unit." + sort; e.Has(key) {
		return e.T(key, "Name", strings.ReplaceAll(rest, ":", " "))
	}
	return u.ID
}

// saying says things about a questionnaire in the reader's language.
type saying struct {
	*i18n.Printer
	d frame.Draft
}

// signs lists the roles of a language with who has signed.
func (e saying) signs(ledger translation.Ledger, book translation.Book, tag string) []SignLine {
	hold, open := ledger.Signed(book, tag)
	var list []SignLine
	for _, role := range translation.Roles {
		if tag == book.Source && role != translation.Adjudicator {
			continue
		}
		line := SignLine{Role: string(role), Title: e.T("library.trapd." + string(role)), Mine: e.d.Editable && slices.Contains(open, role)}
		for _, s := range hold {
			if s.Role == role {
				line.By, line.Day = s.By, s.Day
			}
		}
		list = append(list, line)
	}
	return list
}

// saveTranslation keeps the texts of one page that were changed, and comments.
func (m *Room) saveTranslation(r *web.Request, d frame.Draft) (web.Reply, error) {
	tag, err := tagOf(r, d)
	if err != nil {
		return nil, err
	}
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	lines := map[string]translation.Line{}
	for _, line := range d.Ledger.Lines(translation.Of(d.Questionnaire), tag) {
		lines[line.ID] = line
	}
	var texts []questionnaire.Translation
	for i := range perPage {
		one := sent(values, i)
		line, ok := lines[one.Unit]
		if !ok || one.Text == one.Was && one.Back == line.Back && one.Status == line.Status {
			continue
		}
		if one.Text != one.Was && one.Status == line.Status && one.Status == translation.Untranslated {
			one.Status = translation.Translated
		}
		texts = append(texts, one)
	}
	if len(texts) > 0 {
		err = m.service.Translate(r.Context(), r.Person, d.ID, tag, texts)
	}
	for i := 0; i < perPage && err == nil; i++ {
		if said := strings.TrimSpace(values.Get("comment" + suffix(i))); said != "" {
			err = m.service.Comment(r.Context(), r.Person, d.ID, tag, values.Get("unit"+suffix(i)), said)
		}
	}
	where := d.URL("translate/"+tag, "show", values.Get("show"), "from", values.Get("from"))
	switch {
	case err == nil:
		return web.RedirectFlash(where, "library.flash.saved"), nil
	case !frame.Mendable(err):
		return nil, err
	}
	return m.showTranslation(r, d, values, nil, err)
}

// sent is what the form says of one text.
func sent(values url.Values, i int) questionnaire.Translation {
	clean := func(name string) string {
		return strings.TrimSpace(strings.ReplaceAll(values.Get(name+suffix(i)), "\r\n", "\n"))
	}
	return questionnaire.Translation{
		Unit: clean("unit"), Was: clean("was"), Text: clean("text"), Back: clean("back"), Status: translation.Status(clean("status")),
	}
}

// sign notes that the person answers for the language.
func (m *Room) sign(r *web.Request, d frame.Draft) (web.Reply, error) {
	tag, err := tagOf(r, d)
	if err != nil {
		return nil, err
	}
	values, err := r.Form()
	if err == nil {
		role := translation.Role(values.Get("role"))
		if values.Get("of") == "screens" {
			err = m.service.SignScreens(r.Context(), r.Person, tag, role)
		} else {
			err = m.service.Sign(r.Context(), r.Person, d.ID, tag, role)
		}
	}
	switch {
	case err == nil:
		return web.RedirectFlash(d.URL("translate/"+tag), "library.flash.signed"), nil
	case !frame.Mendable(err):
		return nil, err
	}
	return m.showTranslation(r, d, r.URL.Query(), nil, err)
}

// takeTranslation takes a translator's file and says what it brought.
func (m *Room) takeTranslation(r *web.Request, d frame.Draft) (web.Reply, error) {
	tag, err := tagOf(r, d)
	if err != nil {
		return nil, err
	}
	name, data, err := frame.Upload(r)
	var taken questionnaire.Taken
	if err == nil {
		taken, err = m.service.ImportTranslation(r.Context(), r.Person, d.ID, tag, name, data)
	}
	if err != nil {
		if !frame.Mendable(err) {
			return nil, err
		}
		return m.showTranslation(r, d, r.URL.Query(), nil, err)
	}
	if d, err = frame.Find(m.service, r); err != nil {
		return nil, err
	}
	return m.showTranslation(r, d, r.URL.Query(), &taken, nil)
}

// giveTranslation gives the texts to a translator.
func (m *Room) giveTranslation(r *web.Request, d frame.Draft) (web.Reply, error) {
	tag, err := tagOf(r, d)
	if err != nil {
		return nil, err
	}
	file, err := m.service.ExportTranslation(r.Context(), r.Person, d.ID, tag, r.PathValue("format"), r.URL.Query().Get("screens") == "yes")
	if err != nil {
		return nil, err
	}
	return web.File(file.Name, file.Type, file.Data), nil
}
