// Package disclosure holds the rules that keep a published table from telling
// what one person answered. Surveys of a few hundred officials of a known
// administration are not protected by sampling: everybody may have been asked,
// and a border post has twelve people.
//
// The rules act on unweighted numbers of people, and are stricter only when
// asked to be; no function accepts a threshold below the package's.
//
//   - A group under MinGroup people is not shown (NHS staff survey and GP
//     Patient Survey: 10), and neither is a second group where the first could
//     be found by subtraction: Suppress.
//   - Numbers of people are shown to the nearest 5: Count.
//   - Shares are whole percents under 100 people and have one decimal from there
//     on, because 7.69 % says "one of thirteen"; shares with fewer than three
//     people on either side are shown as bounds, because "100 % of the women"
//     tells what each of them said: Of. Scores have one decimal: Score.
//   - Under 30 people five categories become three: Categories and Collapse.
//   - Two published groups of which one contains the other are a third group,
//     their difference: Nested.
//
// Sources: the practice of the GP Patient Survey and the NHS staff survey
// (threshold 10); Washington State Department of Health, rules for small
// numbers (top-coding at 5 and 95 %, secondary suppression); Handbook on
// Statistical Disclosure Control, chapter on frequency tables
// (https://sdctools.github.io/HandbookSDC/05-frequency-tables.html).
package disclosure
