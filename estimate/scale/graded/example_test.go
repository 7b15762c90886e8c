package graded_test

import (
	"fmt"

	"adili/estimate/scale/graded"
)

// Answers to three items, most of them alike.
func ExampleFit() {
	columns := make([][]float64, 3)
	for _, pattern := range []struct {
		answers [3]float64
		people  int
	}{
		{[3]float64{1, 1, 1}, 20}, {[3]float64{1, 1, 2}, 12}, {[3]float64{1, 2, 1}, 11}, {[3]float64{2, 1, 1}, 10},
		{[3]float64{2, 1, 2}, 12}, {[3]float64{2, 2, 1}, 13}, {[3]float64{2, 2, 2}, 25}, {[3]float64{1, 3, 2}, 4},
		{[3]float64{3, 2, 2}, 9}, {[3]float64{2, 3, 3}, 8}, {[3]float64{3, 3, 2}, 9}, {[3]float64{3, 3, 3}, 12},
	} {
		for range pattern.people {
			for j, answer := range pattern.answers {
				columns[j] = append(columns[j], answer)
			}
		}
	}
	result, err := graded.Fit([]string{"q1", "q2", "q3"}, columns, graded.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, item := range result.Items {
		fmt.Printf("%s: a = %.1f, b = %.2f\n", item.Name, item.Discrimination, item.Difficulty)
	}
	// Output:
	// q1: a = 2.4, b = [-0.60 1.01]
	// q2: a = 3.1, b = [-0.42 0.85]
	// q3: a = 2.7, b = [-0.43 1.33]
}
