package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestKinds(t *testing.T) {
	const bsd = "Redistribution and use ... Redistributions of source code must retain the above copyright notice, this list"
	for text, want := range map[string]string{
		"The MIT License\n\nPermission is hereby granted, free of charge, to any\n// person obtaining a copy": "MIT",
		bsd: "BSD-2-Clause",
		bsd + " ... used to endorse or\n * promote products derived":                                                  "BSD-3-Clause",
		"                  Apache License\n     Version 2.0, January 2004":                                            "Apache-2.0",
		"Mozilla Public License Version 2.0 ... GNU General Public License Version 2":                                 "MPL-2.0",
		"Permission is hereby granted, free of charge, to any person obtaining a copy ... Apache License Version 2.0": "Apache-2.0 MIT",
		"GNU GENERAL PUBLIC LICENSE\n  Version 3":                                                                     "",
		"GNU AFFERO GENERAL PUBLIC LICENSE":                                                                           "",
		"All rights reserved.":                                                                                        "",
		"":                                                                                                            "",
	} {
		got, err := kinds(text)
		if strings.Join(got, " ") != want || (err == nil) != (want != "") {
			t.Errorf("%q: %v, %v, want %s", text, got, err, want)
		}
	}
}

// A module whose licence is of an unknown kind, or that has none, stops the
// release.
func TestUnknownLicence(t *testing.T) {
	root := t.TempDir()
	within := filepath.Join(root, "part")
	if err := os.Mkdir(within, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := read(&linked{path: "a.example/x", version: "v1.0.0"}, root, within); err == nil || !strings.Contains(err.Error(), "a.example/x@v1.0.0 has no licence") {
		t.Errorf("without a licence: %v", err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("COPYING", "Permission is hereby granted, free of charge, to any person obtaining a copy")
	write("NOTICE", "made by somebody")
	m, err := read(&linked{path: "a.example/x"}, root, within)
	if err != nil || !slices.Equal(m.kinds, []string{"MIT"}) || len(m.texts) != 2 {
		t.Errorf("%+v, %v", m, err)
	}
	if text := notice([]*linked{m}); !bytes.Contains(text, []byte("made by somebody")) || !bytes.Contains(text, []byte("a.example/x  (MIT)")) {
		t.Errorf("%s", text)
	}
	write("part/LICENSE.txt", "You may look at it.")
	if _, err := read(&linked{path: "a.example/x"}, root, within); err == nil || !strings.Contains(err.Error(), "part/LICENSE.txt: a licence of an unknown kind") {
		t.Errorf("with an unknown licence: %v", err)
	}
}

// Each module that is part of the program has licences that suit, whatever the
// system.
func TestLicencesOfTheProgram(t *testing.T) {
	b := builder{source: "../.."}
	for name := range strings.SplitSeq(allTargets, ",") {
		if !full && name != "linux/amd64" && name != "windows/amd64" {
			continue
		}
		system, arch, _ := strings.Cut(name, "/")
		modules, err := b.modules(ctx, target{system, arch})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(modules) < 30 {
			t.Errorf("%s: only %d modules", name, len(modules))
		}
		for _, path := range []string{"gonum.org/v1/gonum", standard} {
			if i := slices.IndexFunc(modules, func(m *linked) bool { return m.path == path }); i < 0 || !slices.Contains(modules[i].kinds, "BSD-3-Clause") {
				t.Errorf("%s: %s and its licence are not found", name, path)
			}
		}
	}
}

// What is licensed elsewhere is indeed not part of the program.
func TestElsewhere(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "../../cmd/adili").Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), "gonum.org/v1/gonum/integrate") {
		t.Error("gonum/integrate is part of the program now: its licence has to go with it")
	}
}

func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(keyVariable, "")
	t.Setenv(passwordVariable, "")
	for _, c := range []struct{ arguments, want string }{
		{"", "say what to do"},
		{"bake", "none of build, verify, key"},
		{"build", "is not a version"},
		{"build -version 1.0", "is not a version"},
		{"build -version v1.0.0 -targets plan9/amd64", "plan9/amd64 is not one of"},
		{"build -version v1.0.0 -out " + dir + "/..", "holds something already"},
		{"build -version v1.0.0 -commit x -out " + dir + "/out", "name the file of the signing key in ADILI_RELEASE_KEY"},
		{"build -version v1.0.0 -source " + dir + " -out " + dir + "/out", "the commit of the source is not known"},
		{"verify", "name the folder and the public key"},
		{"verify -dir " + dir + " -key " + dir + "/none", "public key"},
		{"key", "name the file to make"},
		{"key -out " + dir + "/key", "ADILI_RELEASE_KEY_PASSWORD_FILE"},
	} {
		var out bytes.Buffer
		if err := run(ctx, strings.Fields(c.arguments), &out); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("release %s: %v, want %s", c.arguments, err, c.want)
		}
	}
}
