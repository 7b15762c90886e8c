package factor

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
)

//go:embed scheme.json
var schemeJSON []byte

// arusha is the constant table behind the package's functions. Its source is
// embedded, so a fault in it is a fault of the build, found by every test.
var arusha = mustScheme(schemeJSON)

var slugPattern = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

type scheme struct {
	languages []string
	factors   []Factor
	crosswalk []Mapping
}

// schemeFile mirrors scheme.json.
type schemeFile struct {
	Format    string   `json:"format"`
	ID        string   `json:"id"`
	Link      string   `json:"link"`
	Languages []string `json:"languages"`
	Factors   []struct {
		Number      int    `json:"number"`
		Code        string `json:"code"`
		Slug        string `json:"slug"`
		Name        text   `json:"name"`
		Description text   `json:"description"`
	} `json:"factors"`
	Crosswalk struct {
		Target     string `json:"target"`
		Relation   string `json:"relation"`
		Authority  string `json:"authority"`
		Provenance string `json:"provenance"`
		Label      text   `json:"label"`
		Articles   []struct {
			Number  int    `json:"number"`
			Subject string `json:"subject"`
		} `json:"articles"`
		Mappings []struct {
			Factor    int    `json:"factor"`
			Article   int    `json:"article"`
			Paragraph string `json:"paragraph"`
			Note      string `json:"note"`
		} `json:"mappings"`
	} `json:"crosswalk"`
}

func mustScheme(data []byte) scheme {
	s, err := readScheme(data)
	if err != nil {
		panic("factor: embedded scheme.json: " + err.Error())
	}
	return s
}

func readScheme(data []byte) (scheme, error) {
	var file schemeFile
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		return scheme{}, fmt.Errorf("reading: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return scheme{}, fmt.Errorf("reading: text after the end of the scheme")
	}
	if file.Format != "adili-factor/1" {
		return scheme{}, fmt.Errorf("format %q is not known", file.Format)
	}
	if !slices.Contains(file.Languages, Fallback) {
		return scheme{}, fmt.Errorf("languages: %q is missing", Fallback)
	}
	s := scheme{languages: file.Languages}
	if err := s.addFactors(&file); err != nil {
		return scheme{}, err
	}
	if err := s.addCrosswalk(&file); err != nil {
		return scheme{}, err
	}
	return s, nil
}

func (s *scheme) addFactors(file *schemeFile) error {
	seen := map[string]bool{}
	for i, f := range file.Factors {
		if f.Number != i+1 {
			return fmt.Errorf("factor %d stands in place %d", f.Number, i+1)
		}
		if want := fmt.Sprintf("%s-%d", file.ID, f.Number); f.Code != want {
			return fmt.Errorf("factor %d: code %q, want %q", f.Number, f.Code, want)
		}
		if !slugPattern.MatchString(f.Slug) || seen[f.Slug] {
			return fmt.Errorf("factor %d: slug %q is malformed or used twice", f.Number, f.Slug)
		}
		seen[f.Slug] = true
		if err := s.complete(f.Name); err != nil {
			return fmt.Errorf("factor %d: name: %w", f.Number, err)
		}
		if err := s.complete(f.Description); err != nil {
			return fmt.Errorf("factor %d: description: %w", f.Number, err)
		}
		s.factors = append(s.factors, Factor{
			Number: f.Number, Code: f.Code, Slug: f.Slug, Link: file.Link,
			name: f.Name, description: f.Description,
		})
	}
	return nil
}

func (s *scheme) addCrosswalk(file *schemeFile) error {
	walk := &file.Crosswalk
	if err := s.complete(walk.Label); err != nil {
		return fmt.Errorf("crosswalk: label: %w", err)
	}
	subject := map[int]string{}
	for _, a := range walk.Articles {
		subject[a.Number] = a.Subject
	}
	for i, m := range walk.Mappings {
		if m.Factor < Measurement || m.Factor > len(s.factors) {
			return fmt.Errorf("crosswalk row %d: factor %d is not known", i+1, m.Factor)
		}
		if subject[m.Article] == "" {
			return fmt.Errorf("crosswalk row %d: article %d has no subject", i+1, m.Article)
		}
		s.crosswalk = append(s.crosswalk, Mapping{
			Factor:  m.Factor,
			Article: Article{Number: m.Article, Paragraph: m.Paragraph, Subject: subject[m.Article]},
			Target:  walk.Target, Relation: walk.Relation, Authority: walk.Authority, Provenance: walk.Provenance,
			Note: m.Note, label: walk.Label,
		})
	}
	return nil
}

// complete reports a text that lacks a language or has one too many.
func (s *scheme) complete(t text) error {
	for _, lang := range s.languages {
		if t[lang] == "" {
			return fmt.Errorf("no text in %q", lang)
		}
	}
	if len(t) != len(s.languages) {
		return fmt.Errorf("languages %q, want %q", t.tags(), s.languages)
	}
	return nil
}
