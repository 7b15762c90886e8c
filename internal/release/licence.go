package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// linked is a module that is part of the program, with its licences.
type linked struct {
	path, version string
	kinds         []string // SPDX names
	texts         []text
	imports       []string // other modules that it uses
}

// text is a file of a licence.
type text struct {
	name string // from the module's root
	data string
}

// standard is how the standard library is called as a module.
const standard = "std"

// marks are words that only one licence has. The text is in small letters with
// single spaces.
var marks = []struct{ kind, words string }{
	{"Apache-2.0", "apache license version 2.0"},
	{"Apache-2.0", "licensed under the apache license, version 2.0"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose"},
	{"ISC", "permission to use, copy, modify, and distribute this software for any purpose"},
	{"BSD", "redistributions of source code must retain the above"},
	{"BSD", "redistributions of source code must retain the copyright"},
	{"BSD-3-Clause", "redistributions of works must retain the original copyright notice"},
	{"BSL-1.0", "boost software license - version 1.0"},
	{"SunPro", "permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved"},
	{"LicenseRef-public-domain", "has been dedicated to the public domain"},
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"MPL-2.0", "mozilla public license, version 2.0"},
	{"Unlicense", "this is free and unencumbered software released into the public domain"},
	{"CC0-1.0", "cc0 1.0 universal"},
	{"Zlib", "altered source versions must be plainly marked as such"},
}

// kinds finds which licences a text holds. All of them may stand beside
// Apache-2.0; a text with none of them is an error.
func kinds(data string) ([]string, error) {
	flat := strings.ToLower(strings.Join(strings.Fields(strings.NewReplacer("*", " ", "//", " ", "#", " ").Replace(data)), " "))
	for _, refused := range []string{"gnu general public license version", "gnu affero general public license", "gnu lesser general public license version"} {
		if strings.HasPrefix(flat, refused) {
			return nil, fmt.Errorf("the licence %q does not suit this program", refused)
		}
	}
	var found []string
	for _, m := range marks {
		kind := m.kind
		if !strings.Contains(flat, m.words) {
			continue
		}
		if kind == "BSD" {
			kind = "BSD-2-Clause"
			if strings.Contains(flat, "endorse or promote products") {
				kind = "BSD-3-Clause"
			}
		}
		if !slices.Contains(found, kind) {
			found = append(found, kind)
		}
	}
	if len(found) == 0 {
		return nil, errors.New("a licence of an unknown kind")
	}
	return found, nil
}

// listed is what "go list" says of a package.
type listed struct {
	ImportPath, Dir string
	Standard        bool
	Imports         []string
	Module          *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// modules finds the modules whose packages are part of the program on a system,
// the standard library among them.
func (b *builder) modules(ctx context.Context, t target) ([]*linked, error) {
	out, err := b.tool(ctx, t, "list", "-deps", "-trimpath", "-json=ImportPath,Dir,Standard,Imports,Module", "./cmd/adili")
	if err != nil {
		return nil, err
	}
	version, err := b.tool(ctx, host, "env", "GOVERSION", "GOROOT")
	if err != nil {
		return nil, err
	}
	facts := strings.Fields(string(version))
	std, err := read(&linked{path: standard, version: strings.TrimPrefix(facts[0], "go")}, facts[1], facts[1])
	if err != nil {
		return nil, err
	}
	g := graph{modules: map[string]*linked{standard: std}, home: map[string]string{}}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if err := g.add(p); err != nil {
			return nil, err
		}
	}
	return g.connected(), nil
}

// graph gathers modules and which of them use which.
type graph struct {
	modules  map[string]*linked
	home     map[string]string // the module of a package
	packages []listed
}

func (g *graph) add(p listed) error {
	g.packages = append(g.packages, p)
	switch {
	case p.Standard:
		g.home[p.ImportPath] = standard
		return nil
	case p.Module == nil:
		return fmt.Errorf("package %s has no module", p.ImportPath)
	case p.Module.Main:
		return nil
	}
	g.home[p.ImportPath] = p.Module.Path
	m := g.modules[p.Module.Path]
	if m == nil {
		m = &linked{path: p.Module.Path, version: p.Module.Version}
		g.modules[m.path] = m
	}
	_, err := read(m, p.Module.Dir, p.Dir)
	return err
}

// connected gives the modules in the order of their names.
func (g *graph) connected() []*linked {
	for _, p := range g.packages {
		from := g.modules[g.home[p.ImportPath]]
		for _, name := range p.Imports {
			to := g.home[name]
			if from != nil && to != "" && to != from.path && !slices.Contains(from.imports, to) {
				from.imports = append(from.imports, to)
			}
		}
	}
	var all []*linked
	for _, m := range g.modules {
		slices.Sort(m.imports)
		slices.Sort(m.kinds)
		slices.SortFunc(m.texts, func(a, b text) int { return strings.Compare(a.name, b.name) })
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *linked) int { return strings.Compare(a.path, b.path) })
	return all
}

var (
	licenceFile = regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying)([-_.].*)?$`)
	thirdParty  = regexp.MustCompile(`(?i)^third[-_]party[-_]licen[cs]es$`)
	noticeFile  = regexp.MustCompile(`(?i)^(notice|patents)(\.(txt|md))?$`)
)

// elsewhere are licences of what is in a module but not in the program.
var elsewhere = map[string]bool{
	"modernc.org/memory LICENSE-LOGO":                               true, // of a picture
	"gonum.org/v1/gonum THIRD_PARTY_LICENSES/W3C-TestSuite-LICENSE": true, // of test data
	"gonum.org/v1/gonum THIRD_PARTY_LICENSES/Bogaert-LICENSE":       true, // of integrate/quad
}

// read adds the licences that lie in a package's folder and in those above it,
// up to the module's root.
func read(m *linked, root, folder string) (*linked, error) {
	for ; ; folder = filepath.Dir(folder) {
		files, err := licenceFiles(folder)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if err := m.take(root, file); err != nil {
				return nil, err
			}
		}
		if folder == root || len(folder) <= len(root) {
			break
		}
	}
	if len(m.kinds) == 0 {
		return nil, fmt.Errorf("%s@%s has no licence", m.path, m.version)
	}
	return m, nil
}

// licenceFiles are the licences and notices in a folder, and in one within it
// for those of others.
func licenceFiles(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		name := filepath.Join(folder, e.Name())
		switch {
		case e.IsDir() && thirdParty.MatchString(e.Name()):
			within, err := filepath.Glob(filepath.Join(name, "*"))
			if err != nil {
				return nil, err
			}
			files = append(files, within...)
		case !e.IsDir() && !strings.HasSuffix(name, ".go") && (licenceFile.MatchString(e.Name()) || noticeFile.MatchString(e.Name())):
			files = append(files, name)
		}
	}
	return files, nil
}

// take adds a file, once.
func (m *linked) take(root, file string) error {
	name, err := filepath.Rel(root, file)
	if err != nil {
		return err
	}
	name = filepath.ToSlash(name)
	if elsewhere[m.path+" "+name] || slices.ContainsFunc(m.texts, func(t text) bool { return t.name == name }) {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	m.texts = append(m.texts, text{name, strings.ReplaceAll(string(data), "\r\n", "\n")})
	if noticeFile.MatchString(filepath.Base(name)) {
		return nil
	}
	found, err := kinds(string(data))
	if err != nil {
		return fmt.Errorf("%s@%s, %s: %w", m.path, m.version, name, err)
	}
	for _, kind := range found {
		if !slices.Contains(m.kinds, kind) {
			m.kinds = append(m.kinds, kind)
		}
	}
	return nil
}

// notice is the file that tells whose work is in the program.
func notice(modules []*linked) []byte {
	var b strings.Builder
	b.WriteString("Adili holds the work of others. Each part stands under its own licence.\n\n")
	for _, m := range modules {
		fmt.Fprintf(&b, "  %s %s (%s)\n", m.path, m.version, strings.Join(m.kinds, ", "))
	}
	for _, m := range modules {
		for _, t := range m.texts {
			fmt.Fprintf(&b, "\n%s\n%s %s, %s\n\n%s\n", strings.Repeat("=", 78), m.path, m.version, t.name, strings.TrimSpace(t.data))
		}
	}
	return []byte(b.String())
}
