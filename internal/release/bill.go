package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// bill is the bill of materials of a program in the form of CycloneDX, from
// what Go wrote into it.
func (b *builder) bill(t target, program string, data []byte, modules []*linked) ([]byte, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	ref := "pkg:generic/adili@" + b.version + "?os=" + t.os + "&arch=" + t.arch
	bom := cdx.NewBOM()
	bom.SerialNumber = serial(sum[:])
	bom.Metadata = &cdx.Metadata{Timestamp: b.when.Format(time.RFC3339), Component: &cdx.Component{
		BOMRef: ref, Type: cdx.ComponentTypeApplication, Name: "adili", Version: b.version, PackageURL: ref,
		Hashes: hashes(fmt.Sprintf("%x", sum)), Licenses: licences([]string{"Apache-2.0"}),
		Properties: &[]cdx.Property{{Name: "adili:commit", Value: b.commit}, {Name: "adili:go", Value: info.GoVersion}, {Name: "adili:system", Value: t.String()}},
	}}
	var components []cdx.Component
	var all []string
	dependencies := []cdx.Dependency{}
	for _, m := range modules {
		c, err := component(m, info)
		if err != nil {
			return nil, err
		}
		components = append(components, c)
		all = append(all, c.BOMRef)
		uses := []string{}
		for _, path := range m.imports {
			i := slices.IndexFunc(modules, func(o *linked) bool { return o.path == path })
			uses = append(uses, packageURL(modules[i]))
		}
		dependencies = append(dependencies, cdx.Dependency{Ref: c.BOMRef, Dependencies: &uses})
	}
	dependencies = append([]cdx.Dependency{{Ref: ref, Dependencies: &all}}, dependencies...)
	bom.Components, bom.Dependencies = &components, &dependencies
	var out bytes.Buffer
	err = cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).EncodeVersion(bom, cdx.SpecVersion1_6)
	return out.Bytes(), err
}

// serial makes an identifier of the program's checksum, so that it is the same
// for the same program.
func serial(sum []byte) string {
	id := slices.Clone(sum[:16])
	id[6] = id[6]&0x0f | 0x80 // version 8: made by a rule of one's own
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// component is a module in the bill. Its checksum is the one in the program,
// which Go compared with its log of checksums.
func component(m *linked, info *debug.BuildInfo) (cdx.Component, error) {
	c := cdx.Component{BOMRef: packageURL(m), Type: cdx.ComponentTypeLibrary, Name: m.path, Version: m.version, PackageURL: packageURL(m), Licenses: licences(m.kinds)}
	if m.path == standard {
		return c, nil
	}
	i := slices.IndexFunc(info.Deps, func(d *debug.Module) bool { return d.Path == m.path })
	if i < 0 || info.Deps[i].Version != m.version || info.Deps[i].Replace != nil {
		return c, fmt.Errorf("the program does not say that it holds %s %s", m.path, m.version)
	}
	text, ok := strings.CutPrefix(info.Deps[i].Sum, "h1:")
	sum, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !ok {
		return c, fmt.Errorf("%s: checksum %q", m.path, info.Deps[i].Sum)
	}
	c.Hashes = hashes(fmt.Sprintf("%x", sum))
	return c, nil
}

func packageURL(m *linked) string { return "pkg:golang/" + m.path + "@" + m.version }

func hashes(sum string) *[]cdx.Hash {
	return &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: sum}}
}

func licences(kinds []string) *cdx.Licenses {
	if len(kinds) == 1 && !strings.HasPrefix(kinds[0], "LicenseRef-") {
		return &cdx.Licenses{{License: &cdx.License{ID: kinds[0]}}}
	}
	return &cdx.Licenses{{Expression: strings.Join(kinds, " AND ")}}
}
