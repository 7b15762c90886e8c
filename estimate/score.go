package estimate

import "math"

// Codes of an answer on a five-point scale, as Score reads it. 1 to 5 are the points, from "strongly disagree" to
// "strongly agree".
const (
	// NotAsked marks an item that was not put to this person.
	NotAsked = 0
	// NoAnswer marks an item that was asked and has no point of the scale: skipped, don't know, prefer not to say, not
	// applicable. Any code above 5 does.
	NoAnswer = 9
)

// Score is the score of one person on one key factor, from 0 (least integrity) to 10 (most),
//
//	s = 10 (x̄ - 1)/4
//
// where x̄ is the mean of the person's valid answers, from 1 to 5, to the items of the factor. An answer x to an item
// worded against integrity counts as 6 - x. 1 becomes 0, 3 becomes 5, 5 becomes 10.
//
// At least half of the items that the person was asked need a valid answer, counted upwards: of three items, two.
// Otherwise the person has no score; the mean of a factor is over the people who have one.
//
// In Go, answer holds the codes of the factor's items, and reverse says which of them are worded against integrity;
// items beyond its end are not. No score is NaN, which is a missing answer to the estimators.
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
