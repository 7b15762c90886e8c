package spelling

import (
	"strings"
)

// Column is one column of a sheet after its header was understood.
type Column struct {
	Header   string // as in the sheet
	Field    string // the usual name, for example label or bind::type; the header itself where it is unknown
	Language string // of a text, as in the header; "" for none
	Known    bool   // field is one that XLSForm or Adili defines
}

// Columns whose cells are texts that can be translated.
var Translated = map[string]bool{
	"label": true, "hint": true, "guidance_hint": true, "image": true, "big-image": true, "audio": true, "video": true,
	"constraint_message": true, "required_message": true, "pair_statement": true, "pair_practice": true, "form_title": true,
	"bind::jr:noAppErrorString": true,
}

// Media are the columns that hold file names.
var Media = []string{"image", "big-image", "audio", "video"}

// Headers says how a sheet's columns are spelt: other spellings, by the usual
// one, in small letters with underscores. A usual name stands for itself.
type Headers map[string]string

// SurveyHeaders are the columns of the survey sheet.
var SurveyHeaders = Headers{
	"type": "", "name": "", "label": "", "hint": "", "guidance_hint": "", "default": "", "choice_filter": "", "parameters": "",
	"trigger": "", "appearance": "", "required": "", "constraint": "", "readonly": "", "relevant": "", "calculation": "",
	"constraint_message": "", "required_message": "", "image": "", "big-image": "", "audio": "", "video": "", "disabled": "",
	"media": "", "bind": "", "control": "", "instance": "",
	"read_only": "readonly", "relevance": "relevant", "caption": "label", "constraining_message": "constraint_message",
	"calculate": "calculation", "command": "type", "tag": "name", "value": "name", "body": "control",
	"requiredmsg": "required_message", "noapperrorstring": "bind::jr:noAppErrorString", "no_app_error_string": "bind::jr:noAppErrorString",
	"count": "body::jr:count", "repeat_count": "body::jr:count", "jr:count": "body::jr:count", "autoplay": "body::autoplay",
	"rows": "body::rows", "compact_tag": "instance::odk:tag", "save_to": "bind::entities:saveto",
	"kind": "", "role": "", "factor": "", "reverse_scored": "", "sensitive": "", "missing": "", "window_months": "",
	"max_length": "", "action": "", "equivalent": "", "choices_from": "",
	"pair_statement": "", "pair_known": "", "pair_anchor": "", "pair_practice": "",
}

// ChoiceHeaders are the columns of the choices sheet.
var ChoiceHeaders = Headers{
	"list_name": "", "name": "", "label": "", "image": "", "big-image": "", "audio": "", "video": "", "media": "",
	"caption": "label", "value": "name", "exclusive": "", "fixed": "",
}

// SettingHeaders are the columns of the settings sheet.
var SettingHeaders = Headers{
	"form_title": "", "form_id": "", "version": "", "default_language": "", "population": "", "reviewed": "", ExactTexts: "",
	"title": "form_title", "set_form_title": "form_title", "set_form_id": "form_id",
	"name": "", "style": "", "instance_name": "", "public_key": "", "submission_url": "", "auto_send": "", "auto_delete": "",
	"client_editable": "", "allow_choice_duplicates": "", "clean_text_values": "", "namespaces": "", "sms_keyword": "",
	"prefix": "", "delimiter": "", "instance_xmlns": "", "add_none_option": "", "attribute": "", "flat": "", "instance_id": "",
	"id_string": "", "omit_instanceid": "",
}

// parts are the usual names of what a bind, control or media column sets.
var parts = map[string]string{
	"bind::relevant": "relevant", "bind::required": "required", "bind::readonly": "readonly", "bind::constraint": "constraint",
	"bind::calculate": "calculation", "bind::jr:constraintMsg": "constraint_message", "bind::jr:requiredMsg": "required_message",
	"control::appearance": "appearance", "media::image": "image", "media::big-image": "big-image", "media::audio": "audio",
	"media::video": "video",
}

// Column understands one header. Languages and parts are divided by :: or, in
// a sheet that nowhere has ::, by a single colon.
func (h Headers) Column(header string, double bool) Column {
	tokens := split(header, double)
	field, ok := h[snake(tokens[0])]
	if !ok {
		return Column{Header: header, Field: header}
	}
	if field == "" {
		field = snake(tokens[0])
	}
	rest := tokens[1:]
	if group := field; group == "bind" || group == "control" || group == "media" || group == "instance" || group == "attribute" {
		if len(rest) == 0 {
			return Column{Header: header, Field: header}
		}
		field, rest = group+"::"+rest[0], rest[1:]
		if usual := parts[field]; usual != "" {
			field = usual
		}
		if group == "control" && strings.HasPrefix(field, "control::") {
			field = "body::" + strings.TrimPrefix(field, "control::")
		}
	}
	if len(rest) == 0 {
		return Column{Header: header, Field: field, Known: true}
	}
	if !Translated[field] || strings.Join(rest, "") == "" {
		return Column{Header: header, Field: header}
	}
	return Column{Header: header, Field: field, Language: strings.Join(rest, "::"), Known: true}
}

func split(header string, double bool) []string {
	mark := ":"
	if double || strings.Contains(header, "::") {
		mark = "::"
	}
	var tokens []string
	for i, token := range strings.Split(header, mark) {
		token = strings.TrimSpace(token)
		if n := len(tokens); mark == ":" && i > 0 && tokens[n-1] == "jr" {
			tokens[n-1] = "jr:" + token // a name with a prefix, not two parts
			continue
		}
		tokens = append(tokens, token)
	}
	return tokens
}

// snake is a header in small letters with underscores for spaces.
func snake(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "_")) }

// YesNo reads the words for yes and no.
func YesNo(s string) (yes, ok bool) {
	switch s {
	case "yes", "Yes", "YES", "true", "True", "TRUE", "true()":
		return true, true
	case "no", "No", "NO", "false", "False", "FALSE", "false()":
		return false, true
	}
	return false, false
}
