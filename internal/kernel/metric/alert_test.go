package metric

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	rulesPath = "../../../deploy/prometheus/alerts.yml"
	testsPath = "../../../deploy/prometheus/alerts.test.yml"
	guidePath = "../../../docs/guide/alerts.md"
)

type rule struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func rules(t *testing.T) []rule {
	t.Helper()
	text, err := os.ReadFile(rulesPath)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string
			Rules []rule
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	var all []rule
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) < 20 {
		t.Fatalf("only %d alerts", len(all))
	}
	return all
}

// Every series that an alert asks for exists, every alert says what to do and is explained, and every series is.
func TestAlerts(t *testing.T) {
	s := New("1.2.3")
	s.Watch(full(), NewHealth())
	s.Staff("GET /staff/", 200, time.Millisecond)
	series := names(scrape(t, s))
	guide, err := os.ReadFile(guidePath)
	if err != nil {
		t.Fatal(err)
	}
	tests, err := os.ReadFile(testsPath)
	if err != nil {
		t.Fatal(err)
	}
	explained := regexp.MustCompile(`(?m)^### (\w+)$`).FindAllStringSubmatch(string(guide), -1)
	var alerts []string
	for _, r := range rules(t) {
		alerts = append(alerts, r.Alert)
		for _, name := range regexp.MustCompile(`adili_\w+`).FindAllString(r.Expr, -1) {
			if !slices.Contains(series, name) {
				t.Errorf("%s asks for %s, which does not exist", r.Alert, name)
			}
		}
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" || r.Annotations["runbook_url"] != "docs/guide/alerts.md#"+strings.ToLower(r.Alert) {
			t.Errorf("%s: annotations %v", r.Alert, r.Annotations)
		}
		if severity := r.Labels["severity"]; severity != "critical" && severity != "warning" {
			t.Errorf("%s: severity %q", r.Alert, severity)
		}
		if strings.Count(string(tests), "alertname: "+r.Alert+"\n") != 2 {
			t.Errorf("%s is not tried out both ways in alerts.test.yml", r.Alert)
		}
	}
	var sections []string
	for _, found := range explained {
		sections = append(sections, found[1])
	}
	slices.Sort(alerts)
	slices.Sort(sections)
	if !slices.Equal(alerts, sections) {
		t.Errorf("alerts %v, explained %v", alerts, sections)
	}
	for _, name := range series {
		if !strings.Contains(string(guide), "`"+name+"`") {
			t.Errorf("the guide does not name %s", name)
		}
	}
}

func TestRulesByPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip(err)
	}
	for _, args := range [][]string{{"check", "rules", filepath.Base(rulesPath)}, {"test", "rules", filepath.Base(testsPath)}} {
		command := exec.CommandContext(t.Context(), promtool, args...)
		command.Dir = filepath.Dir(rulesPath)
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}
