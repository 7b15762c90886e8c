package app

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"
)

// The release, as "make release" writes it into the program.
var release, commit string

type versionCommand struct {
	JSON bool `name:"json" help:"Print version, commit, Go version and all modules for programs."`
}

// Run prints the version.
func (c versionCommand) Run(s streams) error {
	if !c.JSON {
		_, err := fmt.Fprintln(s.out, "adili", version())
		return err
	}
	e := json.NewEncoder(s.out)
	e.SetIndent("", "  ")
	return e.Encode(described())
}

type module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Sum     string `json:"sum"`
}

type buildFacts struct {
	Version string   `json:"version"`
	Commit  string   `json:"commit,omitempty"`
	Go      string   `json:"go"`
	System  string   `json:"system"`
	Modules []module `json:"modules"`
}

// described tells what the program was made of.
func described() buildFacts {
	facts := buildFacts{Version: version(), Commit: commit, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Modules: []module{}}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return facts
	}
	if facts.Commit == "" {
		facts.Commit = revision(info)
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		facts.Modules = append(facts.Modules, module{m.Path, m.Version, m.Sum})
	}
	return facts
}

// version is the release the program was built as, or the commit.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "development"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	if r := revision(info); r != "" {
		return "development " + r
	}
	return "development"
}

// revision is the commit that Go noted while building.
func revision(info *debug.BuildInfo) string {
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return ""
}

// commitTime is when the commit was made; zero when it is not known.
func commitTime() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.time" {
			if t, err := time.Parse(time.RFC3339, setting.Value); err == nil {
				return t
			}
		}
	}
	return time.Time{}
}
