package estimate

import "math"

// Codes of an answer on a five-point scale, as Score reads it. 1 to 5 are the
// points, from "strongly disagree" to "strongly agree".
const (
	// NotAsked marks an item that was not put to this person.
	NotAsked = 0
	// NoAnswer marks an item that was asked and has no point of the scale:
	// skipped, don't know, prefer not to say, not applicable. Any code above
	// 5 does.
	NoAnswer = 9
)

// Score is the score of one person on one key factor, from 0 (least integrity)
// to 10 (most), or NaN if the person gave too few answers.
//
// answer holds the codes of the factor's items and reverse says which of them
// are worded against integrity, so that x counts as 6 - x. The score is the
// mean x̄ of the valid answers if at least half of the items asked have one,
// rescaled as 10 (x̄ - 1)/4: 1 becomes 0, 3 becomes 5, 5 becomes 10.
//
// Half is counted upwards: of three items asked, two must be valid. A score of
// NaN is a missing answer to the estimators, so that a factor's mean is over
// the people who have a score. Items beyond the end of reverse are not
// reversed.
func Score(answer []uint8, reverse []bool) float64 {
	asked, valid, sum := 0, 0, 0
	for i, a := range answer {
		if a == NotAsked {
			continue
		}
		asked++
		if a > 5 {
			continue
		}
		valid++
		x := int(a)
		if i < len(reverse) && reverse[i] {
			x = 6 - x
		}
		sum += x
	}
	if valid == 0 || 2*valid < asked {
		return math.NaN()
	}
	return 10 * float64(sum-valid) / float64(4*valid)
}
