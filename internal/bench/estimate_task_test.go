package bench

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"adili/estimate"
	"adili/estimate/crosstab"
	"adili/estimate/data"
	"adili/estimate/replicate"
	"adili/estimate/weight"
)

const (
	items      = 50
	replicates = 500
)

// sample is what a task of the estimation engine works on.
type sample struct {
	folder string
	rows   int
	table  *data.Table
	design *estimate.Design
}

// tasks are the tasks of the R script by name, each with its checksum.
var tasks = map[string]func(s *sample) (float64, error){
	"load":            func(s *sample) (float64, error) { return float64(s.table.Rows()), nil },
	"domain_means":    (*sample).domainMeans,
	"rake":            (*sample).rake,
	"boot500_overall": (*sample).bootstrap,
	"boot500_given":   (*sample).givenBootstrap,
	"chisq50":         (*sample).tests,
}

// TestEstimateTask is one task in a process of its own, which BenchmarkEstimate
// starts: TASK, SIZE and FOLDER in ADILI_BENCH_TASK.
func TestEstimateTask(t *testing.T) {
	order := strings.Fields(os.Getenv("ADILI_BENCH_TASK"))
	if len(order) != 3 {
		return // it was not the benchmark that started the tests
	}
	rows, err := strconv.Atoi(order[1])
	if err != nil {
		t.Fatal(err)
	}
	s := &sample{folder: order[2], rows: rows}
	began, cpu := time.Now(), processor()
	if err := s.load(); err != nil {
		t.Fatal(err)
	}
	loaded, loadedCPU := time.Now(), processor()
	check, err := tasks[order[0]](s)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("RESULT load_s=%.3f load_cpu=%.3f task_s=%.4f task_cpu=%.4f check=%.12g\n",
		loaded.Sub(began).Seconds(), loadedCPU-cpu, time.Since(loaded).Seconds(), processor()-loadedCPU, check)
}

// processor is the seconds of CPU this process has taken.
func processor() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return math.NaN()
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func (s *sample) path(suffix string) string {
	return filepath.Join(s.folder, fmt.Sprintf("bench_%d%s.csv", s.rows, suffix))
}

func read(path string) (*data.Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return data.Read(filepath.Base(path), f)
}

// load reads the file and compiles the design.
func (s *sample) load() error {
	var err error
	if s.table, err = read(s.path("")); err != nil {
		return err
	}
	var st estimate.Stage
	if st.StratumCode, _, err = s.table.Codes("stratum"); err != nil {
		return err
	}
	if st.UnitCode, _, err = s.table.Codes("psu"); err != nil {
		return err
	}
	w, err := s.table.Number("w")
	if err != nil {
		return err
	}
	s.design, err = estimate.Compile(estimate.Sample{Weight: w, Stages: []estimate.Stage{st}})
	return err
}

func item(i int) string { return fmt.Sprintf("q%02d", i+1) }

func (s *sample) domainMeans() (float64, error) {
	group, labels, err := s.table.Codes("dom")
	if err != nil {
		return 0, err
	}
	list := make([]estimate.Item, items)
	for i := range list {
		code, _, value, ok := s.table.Coded(item(i))
		if !ok {
			return 0, fmt.Errorf("%s has too many answers", item(i))
		}
		list[i] = estimate.Item{Code: code, Value: value}
	}
	m, err := s.design.MeansOf(list, group, len(labels))
	if err != nil {
		return 0, err
	}
	check := 0.0
	for i := range m.Items() {
		for g := range m.Groups() {
			check += m.At(i, g).Value + m.SE(i, g)
		}
	}
	return check, nil
}

// integers is a column as plain numbers from 0; -1 is missing.
func (s *sample) integers(column string) ([]int, []string, error) {
	code, labels, err := s.table.Codes(column)
	if err != nil {
		return nil, nil, err
	}
	wide := make([]int, len(code))
	for i, c := range code {
		wide[i] = int(c)
	}
	return wide, labels, nil
}

func (s *sample) rake() (float64, error) {
	totals, err := read(s.path("_margins"))
	if err != nil {
		return 0, err
	}
	name, err := totals.Text("var")
	if err != nil {
		return 0, err
	}
	people, err := totals.Number("N")
	if err != nil {
		return 0, err
	}
	var margins []weight.Margin
	for _, v := range []string{"g", "r", "k"} {
		m := weight.Margin{Name: v}
		if m.Code, m.Labels, err = s.integers(v); err != nil {
			return 0, err
		}
		for i := range name {
			if name[i] == v {
				m.Total = append(m.Total, people[i])
			}
		}
		margins = append(margins, m)
	}
	base := make([]float64, s.design.Rows())
	for i := range base {
		base[i] = s.design.Weight(i)
	}
	c, err := weight.Rake(base, margins, weight.Options{Relative: 1e-9, MaxIterations: 100})
	if err != nil {
		return 0, err
	}
	return weight.SumSquares(c.Weights()), nil
}

func (s *sample) tests() (float64, error) {
	group, _, err := s.integers("g")
	if err != nil {
		return 0, err
	}
	questions := make([][]int, items)
	for i := range questions {
		if questions[i], _, err = s.integers(item(i)); err != nil {
			return 0, err
		}
	}
	list, err := crosstab.Batch(s.design, questions, group, s.design.Everyone(), crosstab.F)
	if err != nil {
		return 0, err
	}
	check := 0.0
	for _, t := range list {
		check += t.Value
	}
	return check, nil
}

// bootstrap draws its own replicates: the time to compare.
func (s *sample) bootstrap() (float64, error) {
	set, err := replicate.New(s.design, replicate.Method{Kind: replicate.RaoWu, Replicates: replicates, Seed: [2]uint64{1, 1}})
	if err != nil {
		return 0, err
	}
	return s.replicated(set)
}

// givenBootstrap takes the replicates that R drew: the numbers to compare.
func (s *sample) givenBootstrap() (float64, error) {
	drawn, err := read(s.path("_counts"))
	if err != nil {
		return 0, err
	}
	psu, err := drawn.Number("psu")
	if err != nil {
		return 0, err
	}
	labels, err := s.table.Number("psu")
	if err != nil {
		return 0, err
	}
	place := make(map[float64]int32) // of a PSU in the design
	for row, u := range s.design.Stage(0).Unit {
		place[labels[row]] = u
	}
	count := make([][]uint8, replicates)
	for r := range count {
		x, err := drawn.Number(fmt.Sprintf("r%d", r+1))
		if err != nil {
			return 0, err
		}
		count[r] = make([]uint8, s.design.PSUs())
		for i, c := range x {
			count[r][place[psu[i]]] = uint8(c)
		}
	}
	set, err := replicate.Counts(s.design, replicate.Method{Kind: replicate.RaoWu}, count)
	if err != nil {
		return 0, err
	}
	return s.replicated(set)
}

// replicated estimates the means of all items, missing answers set to 3 as the
// R script sets them.
func (s *sample) replicated(set *replicate.Set) (float64, error) {
	y := make([]float64, s.design.Rows())
	var fault error
	result, err := set.Means(func(yield func([]float64) bool) {
		for i := range items {
			code, _, value, ok := s.table.Coded(item(i))
			if !ok {
				fault = fmt.Errorf("%s has too many answers", item(i))
				return
			}
			value = slices.Clone(value)
			value[0] = 3
			for r, c := range code {
				y[r] = value[c]
			}
			if !yield(y) {
				return
			}
		}
	})
	if err != nil || fault != nil {
		return 0, errors.Join(err, fault)
	}
	check := 0.0
	for i := range items {
		check += result.Value(i) + result.SE(i)
	}
	return check, nil
}
