package xform

import (
	"strconv"
	"strings"

	"adili/form"
	"adili/form/expr"
)

// control is how a kind or type of item is written.
type control struct {
	tag       string // "" for one that nobody sees
	data      string // the type of the bind
	mediatype string
	preload   string // how a client fills it in by itself
	param     string
	action    string // what a client does by itself, and when
	event     string
}

// typeControls are the types of XLSForm, by their usual names.
var typeControls = map[string]control{
	"text":                {tag: "input", data: "string"},
	"integer":             {tag: "input", data: "int"},
	"decimal":             {tag: "input", data: "decimal"},
	"date":                {tag: "input", data: "date"},
	"note":                {tag: "input", data: "string"},
	"select_one":          {tag: "select1", data: "string"},
	"select_multiple":     {tag: "select", data: "string"},
	"acknowledge":         {tag: "trigger"},
	"calculate":           {data: "string"},
	"hidden":              {data: "string"},
	"rank":                {tag: "odk:rank", data: "odk:rank"},
	"time":                {tag: "input", data: "time"},
	"dateTime":            {tag: "input", data: "dateTime"},
	"barcode":             {tag: "input", data: "barcode"},
	"geopoint":            {tag: "input", data: "geopoint"},
	"geotrace":            {tag: "input", data: "geotrace"},
	"geoshape":            {tag: "input", data: "geoshape"},
	"image":               {tag: "upload", data: "binary", mediatype: "image/*"},
	"audio":               {tag: "upload", data: "binary", mediatype: "audio/*"},
	"video":               {tag: "upload", data: "binary", mediatype: "video/*"},
	"file":                {tag: "upload", data: "binary", mediatype: "application/*"},
	"start":               {data: "dateTime", preload: "timestamp", param: "start"},
	"end":                 {data: "dateTime", preload: "timestamp", param: "end"},
	"today":               {data: "date", preload: "date", param: "today"},
	"deviceid":            {data: "string", preload: "property", param: "deviceid"},
	"phonenumber":         {data: "string", preload: "property", param: "phonenumber"},
	"username":            {data: "string", preload: "property", param: "username"},
	"email":               {data: "string", preload: "property", param: "email"},
	"simserial":           {data: "string", preload: "property", param: "simserial"},
	"subscriberid":        {data: "string", preload: "property", param: "subscriberid"},
	"uri:deviceid":        {data: "string", preload: "property", param: "uri:deviceid"},
	"uri:phonenumber":     {data: "string", preload: "property", param: "uri:phonenumber"},
	"uri:username":        {data: "string", preload: "property", param: "uri:username"},
	"uri:email":           {data: "string", preload: "property", param: "uri:email"},
	"uri:simserial":       {data: "string", preload: "property", param: "uri:simserial"},
	"uri:subscriberid":    {data: "string", preload: "property", param: "uri:subscriberid"},
	"audit":               {data: "binary"},
	"background-geopoint": {data: "geopoint"},
	"start-geopoint":      {data: "geopoint", action: "odk:setgeopoint", event: "odk-instance-first-load"},
	"background-audio":    {data: "binary", action: "odk:recordaudio", event: "odk-instance-load"},
}

// kindTypes are the types of the kinds.
var kindTypes = map[form.Kind]string{
	form.Agreement: "select_one", form.Single: "select_one", form.Multi: "select_multiple", form.OpenAnswer: "text",
	form.Integer: "integer", form.Decimal: "decimal", form.Date: "date",
	form.Acknowledge: "acknowledge", form.Note: "note", form.Calculate: "calculate", form.Hidden: "hidden",
}

// typeOf is how it is written.
func typeOf(it *form.Item) control {
	switch {
	case it.Kind == form.Range || it.Kind == form.Unasked && it.Type == "range":
		return control{tag: "range", data: rangeType(it)}
	case it.Kind == form.Unasked:
		return typeControls[it.Type]
	case it.Kind == form.Calculate && it.Type == "range":
		return control{data: rangeType(it)}
	case it.Kind == form.Calculate && it.Type != "":
		// A question that is worked out and never shown.
		return control{data: typeControls[it.Type].data}
	}
	return typeControls[kindTypes[it.Kind]]
}

// page writes a group at the top, or items that stand in none.
func (w *writer) page(p *form.Page, instance, binds, body *element) {
	items := p.Items
	if !empty(p.Intro) && !isTable(p.Appearance) {
		items = append([]form.Item{{ID: w.introID(p), Kind: form.Note, Text: p.Intro}}, items...)
	}
	if p.ID == "" {
		w.items(items, "/"+w.root, instance, binds, body)
		return
	}
	group := form.Item{ID: p.ID, Kind: form.Group, Text: p.Title, Hint: p.Intro, Appearance: p.Appearance, Relevant: p.Relevant, Items: items}
	w.item(&group, "/"+w.root, instance, binds, body)
}

// introID is a name for the note with a page's first words.
func (w *writer) introID(p *form.Page) string {
	id := strings.TrimPrefix(p.ID+"_intro", "_")
	for w.paths[id] != "" {
		id += "_"
	}
	w.put(id, w.pagePath(p)+"/"+id)
	return id
}

func (w *writer) items(items []form.Item, parent string, instance, binds, body *element) {
	for i := range items {
		w.item(&items[i], parent, instance, binds, body)
	}
}

func (w *writer) item(it *form.Item, parent string, instance, binds, body *element) {
	w.name(nameOf(it), "item")
	w.check(it)
	if it.Kind == form.Group && isTable(it.Appearance) {
		it = w.asTable(it)
	}
	path := w.pathOf(it, parent)
	node := newElement(nameOf(it))
	w.extra(node, it.Extra, "instance::")
	if text, ok := literal(it.Default); ok && text != "" {
		if it.Type == "image" && !strings.Contains(text, "://") {
			text = "jr://images/" + text
		}
		node.add(words(text))
	}
	if it.Type == "audit" {
		instance = w.metaNode
	}
	instance.add(node)
	w.bind(it, path, binds)
	switch {
	case it.Kind == form.Group:
		body.add(w.group(it, path, node, binds))
	case shown(it):
		body.add(w.control(it, path))
	case len(w.triggers[it.ID]) > 0:
		w.fail("item %s: nobody sees it, so it cannot set the value of another: use a visible item as trigger", it.ID)
	}
}

// shown reports whether a person sees it. One that is worked out and has no
// words is not shown.
func shown(it *form.Item) bool {
	silent := empty(it.Text) && empty(it.Hint) && empty(it.Guidance) && noMedia(it.Media)
	return typeOf(it).tag != "" && !(silent && (it.Calculation != nil || it.Extra["trigger"] != ""))
}

func (w *writer) group(it *form.Item, path string, node, binds *element) *element {
	group := newElement("group").set("ref", path).set("appearance", it.Appearance).set("intent", w.intent(it))
	w.extra(group, it.Extra, "body::")
	if !empty(it.Text) || !noMedia(it.Media) {
		group.add(w.label("label", entry{id: path + ":label", long: it.Text, media: it.Media}))
	}
	w.items(it.Items, path, node, binds, group)
	return group
}

// check refuses what an XForm has no words for.
func (w *writer) check(it *form.Item) {
	if it.Pair != nil {
		w.fail("item %s: an indirect question cannot be run by ODK or KoboToolbox: ask it directly or leave it out of this copy", it.ID)
	}
	if _, ok := typeControls[it.Type]; it.Kind == form.Unasked && it.Type != "range" && !ok {
		w.fail("item %s: type %s cannot be written as an XForm: remove the item", it.ID, it.Type)
	}
}

// control is what a person sees of an item.
func (w *writer) control(it *form.Item, path string) *element {
	how := typeOf(it)
	c := newElement(how.tag).set("ref", path).set("appearance", it.Appearance).set("mediatype", how.mediatype)
	w.extra(c, it.Extra, "body::")
	w.controlParameters(c, it)
	c.add(w.label("label", entry{id: path + ":label", long: it.Text, media: it.Media}))
	if !empty(it.Hint) || !empty(it.Guidance) {
		c.add(w.label("hint", entry{id: path + ":hint", long: it.Hint, guidance: it.Guidance}))
	}
	switch how.tag {
	case "select", "select1", "odk:rank":
		c.add(w.itemsetOf(w.listOf(it), it))
	case "range":
		w.rangeOf(it, c)
	}
	if list := it.Parameters["reference-geometry"]; list != "" {
		c.add(w.itemsetOf(list, it))
	}
	return c.add(w.triggers[it.ID]...)
}

// controlParameters sets what parameters say about how an item is shown.
func (w *writer) controlParameters(c *element, it *form.Item) {
	c.set("rows", it.Parameters["rows"])
	c.set("accuracyThreshold", it.Parameters["capture-accuracy"])
	c.set("unacceptableAccuracyThreshold", it.Parameters["warning-accuracy"])
	if yes(it.Parameters["incremental"]) {
		c.set("incremental", "true")
	}
	c.set("intent", w.intent(it))
	if it.Appearance == "" || it.Appearance == "annotate" {
		c.set("intent", it.Parameters["app"])
	}
}

// intent is the program that a phone opens for an item.
func (w *writer) intent(it *form.Item) string { return expr.Fill(it.Extra["intent"], w.path) }

// bounds are start, end and step as they were typed, else as the model has
// them.
func bounds(it *form.Item) [3]string {
	b := [3]string{it.Parameters["start"], it.Parameters["end"], it.Parameters["step"]}
	for i, f := range []float64{it.Min, it.Max, it.Step} {
		if b[i] == "" {
			b[i] = strconv.FormatFloat(f, 'f', -1, 64)
		}
	}
	return b
}

func rangeType(it *form.Item) string {
	for _, s := range bounds(it) {
		if _, err := strconv.Atoi(s); err != nil {
			return "decimal"
		}
	}
	return "int"
}

func (w *writer) rangeOf(it *form.Item, c *element) {
	b := bounds(it)
	c.set("start", b[0]).set("end", b[1]).set("step", b[2])
	c.set("odk:tick-interval", it.Parameters["tick_interval"]).set("odk:placeholder", it.Parameters["placeholder"])
	if list := it.Parameters["tick_labelset"]; list != "" {
		c.add(w.itemsetOf(list, &form.Item{}))
	}
}
