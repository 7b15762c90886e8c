package disclosure

import (
	"fmt"
	"maps"
	"slices"
)

// Stratum is a collection stratum: the only thing known of an answer from
// outside.
type Stratum struct {
	Name string
	Size int // people in the frame
}

// Merged is a stratum after merging.
type Merged struct {
	Stratum
	// Members are the names of the strata it is made of, in frame order.
	Members []string
	// Small says that it is still under the minimum: codes must not be made.
	Small bool
}

// Fault says what is wrong with a merge.
type Fault uint8

const (
	// UnknownStratum is a name that is not in the frame.
	UnknownStratum Fault = iota
	// RepeatedStratum is a name that is twice in the frame.
	RepeatedStratum
	// MergedIntoItself is a stratum named as its own neighbour.
	MergedIntoItself
	// MergedInCircle is a chain of merges that comes back.
	MergedInCircle
)

// MergeError is a merge that cannot be made.
type MergeError struct {
	Fault   Fault
	Stratum string // the name at fault
	Into    string // the neighbour named, if any
}

// Error names the stratum and the fault.
func (e *MergeError) Error() string {
	what := [...]string{"is not in the frame", "is twice in the frame", "is merged into itself", "is merged in a circle"}[e.Fault]
	return fmt.Sprintf("disclosure: stratum %q %s", e.Stratum, what)
}

// Merge joins strata with the neighbours the manager names: into maps a
// stratum to the one it becomes part of, and chains are followed to their end.
// The answer has frame order and keeps the names of the strata merged into;
// those under the minimum (at least MinStratum) are marked Small, and it is for
// the manager to name a neighbour for them.
//
// A *MergeError names the first fault: an unknown or repeated stratum, one
// merged into itself, or a circle.
func Merge(strata []Stratum, into map[string]string, minimum int) ([]Merged, error) {
	minimum = max(minimum, MinStratum)
	known := make(map[string]bool, len(strata))
	for _, s := range strata {
		if known[s.Name] {
			return nil, &MergeError{Fault: RepeatedStratum, Stratum: s.Name}
		}
		known[s.Name] = true
	}
	for _, from := range slices.Sorted(maps.Keys(into)) {
		to := into[from]
		switch {
		case !known[from]:
			return nil, &MergeError{Fault: UnknownStratum, Stratum: from, Into: to}
		case !known[to]:
			return nil, &MergeError{Fault: UnknownStratum, Stratum: to}
		case from == to:
			return nil, &MergeError{Fault: MergedIntoItself, Stratum: from, Into: to}
		}
	}
	place := make(map[string]int)
	var merged []Merged
	for _, s := range strata {
		if _, moves := into[s.Name]; !moves {
			place[s.Name] = len(merged)
			merged = append(merged, Merged{Stratum: Stratum{Name: s.Name}})
		}
	}
	for _, s := range strata {
		end := s.Name
		for steps := 0; ; steps++ {
			next, moves := into[end]
			if !moves {
				break
			}
			if steps > len(into) {
				return nil, &MergeError{Fault: MergedInCircle, Stratum: s.Name, Into: into[s.Name]}
			}
			end = next
		}
		m := &merged[place[end]]
		m.Size += s.Size
		m.Members = append(m.Members, s.Name)
	}
	for i := range merged {
		merged[i].Small = merged[i].Size < minimum
	}
	return merged, nil
}
