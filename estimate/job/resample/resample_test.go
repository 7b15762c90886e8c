package resample

import (
	"encoding/json"
	"strings"
	"testing"

	"adili/estimate/job/check"
	"adili/estimate/job/frame"
	"adili/estimate/job/frame/frametest"
)

func TestConformance(t *testing.T) { frametest.Run(t, Estimators()) }

// Designs of the next test, on the data of the reference cases.
const designs = `{
"strat": {"data": "apistrat.csv", "ids": [], "strata": ["stype"], "weights": "pw", "fpc": ["fpc"], "nest": false},
"strat_wr": {"data": "apistrat.csv", "ids": [], "strata": ["stype"], "weights": "pw", "fpc": [], "nest": false},
"scd": {"data": "scd.csv", "ids": ["ambulance"], "strata": ["ESA"], "weights": "weight", "fpc": [], "nest": true, "derive": {"weight": "1"}},
"nhanes": {"data": "nhanes.csv", "ids": ["SDMVPSU"], "strata": ["SDMVSTRA"], "weights": "WTMEC2YR", "fpc": [], "nest": true},
"election": {"data": "election_pps.csv", "ids": [], "strata": [], "weights": "wt", "fpc": ["p"], "nest": false}}`

const apiEstimates = `"estimates": [{"key": "mean", "stat": "mean", "var": "api00"}, {"key": "total", "stat": "total", "var": "enroll"},
	{"key": "ratio", "stat": "ratio", "num": "api.stu", "den": "enroll"}, {"key": "domain", "stat": "mean", "var": "api00", "by": ["stype"]},
	{"key": "median", "stat": "quantile", "var": "api00", "p": 0.5, "rule": "math"}]`

const ppsVars = `"vars": ["Bush", "Kerry", "Nader"], "ratio": {"num": "Bush", "den": "votes"}`

// Values of R's survey package 4.1-1 for methods beside those of the reference cases.
var agreesWithR = []struct{ name, design, estimator, args, expect string }{
	{"JKn with population", "strat", "replicate", `{"replicates": {"kind": "JKn", "mse": false}, ` + apiEstimates + `}`,
		`{"replicates": 200, "scale": 1, "rscales": [0.967606876272337, 0.931866404715128, 0.915099337748344], "df": 197,
		"mean": 662.287363159321, "mean_se": 9.4089408027845, "total_se": 114641.71610078, "ratio_se": 0.00777250903998768,
		"median": 668, "median_se": 6.86488}`},
	{"RaoWu file", "strat_wr", "replicate", `{"replicates": {"kind": "RaoWu", "mse": false, "file": "boot_strat_raowu.csv"}, ` + apiEstimates + `}`,
		`{"replicates": 60, "scale": 0.0169491525423729, "rscales": [1], "df": 59, "mean_se": 9.67781363704217, "total_se": 100515.649238472,
		"ratio_se": 0.00828141720057492, "median_se": 12.66093}`},
	{"RaoWu file about the estimate", "strat_wr", "replicate", `{"replicates": {"kind": "RaoWu", "mse": true, "file": "boot_strat_raowu.csv"}, ` + apiEstimates + `}`,
		`{"mean_se": 9.69726207024142, "total_se": 100541.436039434, "ratio_se": 0.00858029858216633, "median_se": 13.18512}`},
	{"BRR file", "scd", "replicate", `{"replicates": {"kind": "BRR", "mse": false, "file": "brr_scd.csv"},
		"estimates": [{"key": "ratio", "stat": "ratio", "num": "alive", "den": "arrests"}]}`,
		`{"replicates": 4, "scale": 0.25, "df": 3, "ratio": 0.153506350082827, "ratio_se": 0.00941840066991849}`},
	{"JKn domains", "nhanes", "replicate", `{"replicates": {"kind": "JKn", "mse": false},
		"estimates": [{"key": "age", "stat": "mean", "var": "HI_CHOL", "by": ["agecat"]}]}`,
		`{"rscales": [0.5, 0.666666666666667], "age_se": {"(0,19]": 0.00266809186973454, "(19,39]": 0.00907351441083559, "(39,59]": 0.01098951447103543, "(59,Inf]": 0.01257592332989794}}`},
	{"Overton", "election", "pps_total", `{"pps": {"kind": "overton", "p": "p"}, ` + ppsVars + `}`,
		`{"est": {"Bush": 64518472.38054, "Kerry": 51202102.0962483, "Nader": 478530.523211708},
		"se": {"Bush": 2939607.84993936, "Kerry": 1964631.62874171, "Nader": 104372.83526225}, "ratio_bush_votes": 0.555240699836199, "ratio_se": 0.0210640941568023}`},
	{"Overton, Yates-Grundy", "election", "pps_total", `{"pps": {"kind": "overton", "p": "p", "estimator": "YG"}, ` + ppsVars + `}`,
		`{"se": {"Bush": 2483725.73838344, "Kerry": 2489098.14318848, "Nader": 100874.794300151}, "ratio_se": 0.0213747406951494}`},
	{"Hartley-Rao", "election", "pps_total", `{"pps": {"kind": "HR", "p": "p"}, ` + ppsVars + `}`,
		`{"se": {"Bush": 2472752.96278869, "Kerry": 2426842.19793111, "Nader": 102595.343522668}, "ratio_se": 0.0210484414812527}`},
	{"Hartley-Rao, mean square", "election", "pps_total", `{"pps": {"kind": "HR", "p": "p", "sum": "mean_p2"}, ` + ppsVars + `}`,
		`{"se": {"Bush": 3591139.21811667, "Kerry": 3186909.11978654, "Nader": 104314.054945032}, "ratio_se": 0.021027940618047}`},
	{"Hartley-Rao, mean square, Yates-Grundy", "election", "pps_total", `{"pps": {"kind": "HR", "p": "p", "sum": "mean_p2", "estimator": "YG"}, ` + ppsVars + `}`,
		`{"se": {"Bush": 2350532.91838646, "Kerry": 2353228.796173, "Nader": 98823.2688030531}, "ratio_se": 0.0202284941728808}`},
	{"Horvitz-Thompson", "election", "pps_total", `{"pps": {"kind": "joint", "p": "p", "file": "election_jointprob.csv", "estimator": "HT"}, ` + ppsVars + `}`,
		`{"se": {"Bush": 2604404.47780038, "Kerry": 2523712.36945764, "Nader": 102325.561822147}, "ratio_se": 0.020804792699355}`},
	{"Yates-Grundy", "election", "pps_total", `{"pps": {"kind": "joint", "p": "p", "file": "election_jointprob.csv", "estimator": "YG"}, ` + ppsVars + `}`,
		`{"se": {"Bush": 2406525.80921637, "Kerry": 2408090.52059838, "Nader": 101663.663722092}, "ratio_se": 0.0207103644147377}`},
	{"joint probabilities of Hartley-Rao", "election", "pps_total", `{"pps": {"kind": "joint", "p": "p", "file": "election_jointHR.csv"}, ` + ppsVars + `}`,
		`{"se": {"Bush": 2624661.64436171, "Kerry": 2525222.45613978, "Nader": 102793.03892466}, "ratio_se": 0.0210461017067769}`},
	{"with replacement", "election", "pps_total", `{"pps": {"kind": "wr", "p": "p"}, ` + ppsVars + `}`,
		`{"se": {"Bush": 2671455.05619719, "Kerry": 2679432.92027136, "Nader": 105302.688891382}, "ratio_se": 0.0229903238600434}`},
}

func study(t *testing.T) *frame.Study {
	t.Helper()
	var d map[string]frame.DesignSpec
	if err := json.Unmarshal([]byte(designs), &d); err != nil {
		t.Fatal(err)
	}
	return frame.NewStudy(d, frametest.Open(frametest.Folder(t)), [2]uint64{20260917, 1})
}

func TestAgreesWithR(t *testing.T) {
	s := study(t)
	for _, c := range agreesWithR {
		t.Run(c.name, func(t *testing.T) {
			spec := frame.Spec{ID: c.name, Design: c.design, Estimator: c.estimator, Args: json.RawMessage(c.args), Expect: json.RawMessage(c.expect),
				Tolerance: json.RawMessage(`{"*": 1e-9, "median_se": 1e-6}`)}
			ready, err := s.Case(spec)
			if err != nil {
				t.Fatal(err)
			}
			result, err := Estimators()[c.estimator](ready)
			differences, wrong := check.Expected(spec, result, err)
			if wrong != nil {
				t.Fatal(wrong)
			}
			for _, d := range differences {
				t.Error(d)
			}
		})
	}
}

// A job without a file draws its own replicates, the same for the same seed.
func TestDraws(t *testing.T) {
	s := study(t)
	for _, kind := range []string{"RaoWu", "Canty", "Preston"} {
		var last float64
		for range 2 {
			c, err := s.Case(frame.Spec{Design: "strat", Args: json.RawMessage(`{"replicates": {"kind": "` + kind + `", "replicates": 100}, ` + apiEstimates + `}`)})
			if err != nil {
				t.Fatal(err)
			}
			got, err := Estimators()["replicate"](c)
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			se := got["mean_se"].(float64)
			if !(se > 7.5 && se < 11.5) { // 9.41 by linearisation
				t.Errorf("%s: standard error %v, want about 9.41", kind, se)
			}
			if last != 0 && se != last {
				t.Errorf("%s: the same seed gave %v and %v", kind, last, se)
			}
			last = se
		}
	}
}

func TestRefusals(t *testing.T) {
	s := study(t)
	for _, c := range []struct{ design, estimator, args, want string }{
		{"strat", "replicate", `{"replicates": {"kind": "JK9"}}`, "JKn"},
		{"strat", "replicate", `{"replicates": {"kind": "JK1"}}`, "use JKn"},
		{"strat", "replicate", `{"replicates": {"kind": "BRR"}}`, "half-samples need two"},
		{"strat", "replicate", `{"replicates": {"kind": "RaoWu", "replicates": 1}}`, "at least two"},
		{"strat", "replicate", `{"replicates": {"kind": "JKn"}, "estimates": [{"key": "x", "stat": "mode", "var": "api00"}]}`, "quantile"},
		{"strat", "replicate", `{"repeats": 3}`, "replicates, estimates"},
		{"scd", "replicate", `{"replicates": {"kind": "Fay", "rho": 1}}`, "0 <= rho < 1"},
		{"scd", "replicate", `{"replicates": {"kind": "counts", "file": "brr_scd.csv", "key": ["V1"], "columns": {"prefix": "V", "from": 1, "to": 4}}}`, "more than one line"},
		{"scd", "replicate", `{"replicates": {"kind": "BRR", "file": "boot_strat_raowu.csv"}}`, "200 factors for 6 rows"},
		{"election", "pps_total", `{"vars": ["Bush"], "pps": {"kind": "sampford", "p": "p"}}`, "brewer, overton, HR, joint, wr"},
		{"election", "pps_total", `{"vars": ["Bush"], "pps": {"kind": "brewer", "p": "votes"}}`, "probability"},
		{"election", "pps_total", `{"vars": ["Bush"], "pps": {"kind": "joint", "p": "p", "file": "scd.csv"}}`, "joint probabilities"},
	} {
		ready, err := s.Case(frame.Spec{Design: c.design, Args: json.RawMessage(c.args)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = Estimators()[c.estimator](ready); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.args, err, c.want)
		}
	}
}
