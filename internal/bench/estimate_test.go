package bench

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
)

// The R side of the bootstrap: its draws are kept, so that both sides can be
// compared with the same ones.
//
//go:embed testdata/bootstrap.R
var bootstrapScript string

// comparison is a task of ours and the tasks of the R script beside it. At a
// million rows R's bootstrap does not fit into memory, and its tests take too
// long for a benchmark that people run.
type comparison struct {
	task   string
	theirs []string
	most   int // rows up to which R is asked
}

var comparisons = []comparison{
	{"load", []string{"load"}, 1_000_000},
	{"domain_means", []string{"domain_means", "domain_means_slim", "fast_baseline"}, 1_000_000},
	{"rake", []string{"rake"}, 1_000_000},
	{"boot500_overall", []string{"boot500_overall"}, 100_000},
	{"chisq50", []string{"chisq50"}, 100_000},
}

// measure is what one process took.
type measure struct {
	load, task, cpu float64 // seconds
	peak            float64 // MiB
	check           float64
}

const agreement = 1e-9

// BenchmarkEstimate holds the estimation engine against R's survey package on
// the same seeded samples, each task in a process of its own, and against
// numbers of its own where R is not there. TASKS chooses
// among the tasks of R, SIZES the numbers of rows, as in TASKS="load rake"
// SIZES=10000; FOLDER keeps the samples for the next time.
func BenchmarkEstimate(b *testing.B) {
	folder := os.Getenv("FOLDER")
	if folder == "" {
		folder = b.TempDir()
	}
	scripts := scriptFolder()
	for b.Loop() {
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(table, "task\trows\tAdili s\tCPU s\tMiB\tR task\tR s\tR MiB\tratio\tagree\t")
		for _, rows := range sizes(b) {
			generate(b, scripts, folder, rows)
			for _, c := range comparisons {
				c.theirs = slices.DeleteFunc(slices.Clone(c.theirs), func(task string) bool { return !wanted(task) })
				if len(c.theirs) > 0 {
					compare(b, table, c, scripts, folder, rows)
				}
			}
		}
		fmt.Println()
		table.Flush()
		if scripts == "" {
			fmt.Println("Rscript with survey and data.table, or its scripts, are not here: our side only.")
		}
		fmt.Println()
	}
}

func sizes(b *testing.B) []int {
	b.Helper()
	list := []int{}
	words := strings.Fields(os.Getenv("SIZES"))
	if len(words) == 0 {
		words = []string{"100000", "1000000"}
	}
	for _, word := range words {
		n, err := strconv.Atoi(word)
		if err != nil {
			b.Fatalf("SIZES: %v", err)
		}
		list = append(list, n)
	}
	return list
}

// wanted reports whether a task of R is among TASKS.
func wanted(task string) bool {
	list := strings.Fields(os.Getenv("TASKS"))
	return len(list) == 0 || slices.Contains(list, task)
}

// scriptFolder finds the R scripts, or "" if they or R are not there.
func scriptFolder() string {
	folder := os.Getenv("ADILI_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "conformance")
	}
	folder = filepath.Join(folder, "stats", "bench")
	if _, err := os.Stat(filepath.Join(folder, "task.R")); err != nil {
		return ""
	}
	if exec.Command("Rscript", "-e", "library(survey);library(data.table)").Run() != nil {
		return ""
	}
	return folder
}

// generate makes the sample, with R's generator where it is there.
func generate(b *testing.B, scripts, folder string, rows int) {
	b.Helper()
	s := sample{folder: folder, rows: rows}
	if _, err := os.Stat(s.path("_margins")); err == nil {
		return
	}
	var err error
	if scripts != "" {
		err = exec.Command("Rscript", filepath.Join(scripts, "gen.R"), strconv.Itoa(rows), folder).Run()
	} else if err = os.WriteFile(s.path(""), invent(rows), 0o600); err == nil {
		err = os.WriteFile(s.path("_margins"), margins(rows), 0o600)
	}
	if err != nil {
		b.Fatalf("generating %d rows: %v", rows, err)
	}
}

// invent is a sample of the same shape as that of R's generator.
func invent(rows int) []byte {
	r := rand.New(rand.NewPCG(2026, uint64(rows)))
	var out bytes.Buffer
	out.WriteString("id,stratum,psu,dom,g,r,k,w")
	for i := range items {
		out.WriteString("," + item(i))
	}
	out.WriteByte('\n')
	office := 0.0
	for i := range rows {
		psu := i / 25
		if i%25 == 0 {
			office = 0.3 * r.NormFloat64()
		}
		u := r.Float64()
		fmt.Fprintf(&out, "%d,%d,%d,%d,%d,%d,%d,%.4f", i+1, psu%12+1, psu+1, 1+int(10*u*u), 1+r.IntN(2), 1+r.IntN(6), 1+r.IntN(4), math.Exp(1+0.4*r.NormFloat64()))
		person := r.NormFloat64() + office
		for range items {
			out.WriteByte(',')
			if r.IntN(20) > 0 {
				out.WriteByte(byte('3' + max(-2, min(2, math.Round(0.7*person+r.NormFloat64())))))
			}
		}
		out.WriteByte('\n')
	}
	return out.Bytes()
}

func margins(rows int) []byte {
	var out bytes.Buffer
	out.WriteString("var,level,N\n")
	for _, v := range []struct {
		name   string
		levels int
	}{{"g", 2}, {"r", 6}, {"k", 4}} {
		for level := range v.levels {
			fmt.Fprintf(&out, "%s,%d,%d\n", v.name, level+1, 12*rows*(level+1)*2/(v.levels*(v.levels+1)))
		}
	}
	return out.Bytes()
}

// compare runs a task on both sides and writes its lines.
func compare(b *testing.B, table io.Writer, c comparison, scripts, folder string, rows int) {
	b.Helper()
	ours := own(b, c.task, folder, rows)
	seconds := ours.task
	if c.task == "load" {
		seconds = ours.load
	}
	b.ReportMetric(seconds, fmt.Sprintf("%s-%d-s", c.task, rows))
	if scripts == "" || rows > c.most {
		fmt.Fprintf(table, "%s\t%d\t%.3f\t%.3f\t%.0f\t\t\t\t\t\t\n", c.task, rows, seconds, ours.cpu, ours.peak)
		return
	}
	for _, task := range c.theirs {
		script, check := filepath.Join(scripts, "task.R"), ours.check
		if task == "boot500_overall" {
			script = filepath.Join(folder, "bootstrap.R")
			if err := os.WriteFile(script, []byte(bootstrapScript), 0o600); err != nil {
				b.Fatal(err)
			}
		}
		theirs := ask(b, exec.Command("Rscript", script, task, strconv.Itoa(rows), folder))
		if task == "boot500_overall" {
			check = own(b, "boot500_given", folder, rows).check
		}
		elapsed := theirs.task
		if task == "load" {
			elapsed = theirs.load
		}
		agree := "yes"
		if d := math.Abs(check-theirs.check) / math.Abs(theirs.check); !(d <= agreement) {
			agree = fmt.Sprintf("NO, by %.1g", d)
			b.Errorf("%s of %d rows: the checksum is %.12g, R has %.12g", task, rows, check, theirs.check)
		}
		fmt.Fprintf(table, "%s\t%d\t%.3f\t%.3f\t%.0f\t%s\t%.2f\t%.0f\t%.0f x\t%s\t\n",
			c.task, rows, seconds, ours.cpu, ours.peak, task, elapsed, theirs.peak, elapsed/seconds, agree)
	}
}

// own runs a task of ours in a process of its own.
func own(b *testing.B, task, folder string, rows int) measure {
	b.Helper()
	command := exec.Command(os.Args[0], "-test.run", "^TestEstimateTask$", "-test.v")
	command.Env = append(os.Environ(), fmt.Sprintf("ADILI_BENCH_TASK=%s %d %s", task, rows, folder))
	m := ask(b, command)
	if task == "load" {
		m.cpu = m.load
	}
	return m
}

var resultLine = regexp.MustCompile(`(?m)^RESULT .*$`)

// ask runs one side of a task and reads its RESULT line.
func ask(b *testing.B, command *exec.Cmd) measure {
	b.Helper()
	command.Env = append(command.Environ(), "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1")
	out, err := command.CombinedOutput()
	line := resultLine.Find(out)
	if err != nil || line == nil {
		b.Fatalf("%v: %v\n%s", command.Args, err, out)
	}
	m := measure{load: math.NaN(), task: math.NaN(), cpu: math.NaN(), check: math.NaN()}
	for word := range strings.FieldsSeq(string(line)) {
		name, value, _ := strings.Cut(word, "=")
		place, ok := map[string]*float64{"load_s": &m.load, "task_s": &m.task, "task_cpu": &m.cpu, "check": &m.check}[name]
		if !ok {
			continue
		}
		if *place, err = strconv.ParseFloat(value, 64); err != nil {
			b.Fatalf("%s: %v", line, err)
		}
	}
	if use, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		m.peak = float64(use.Maxrss) / 1024
	}
	return m
}
