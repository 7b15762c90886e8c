// Package run fills in a questionnaire: it takes answers one after another and
// says after each what is relevant, required and valid, and what was worked
// out. Package script has the same on a phone, from the same compiled
// questionnaire; see Script.
//
// It means what an XForm of the questionnaire means in ODK:
//
//   - An item is relevant if its own condition holds and all groups around it,
//     and its page, are relevant. The value of one that is not counts as empty
//     everywhere, and comes back when the item becomes relevant again.
//   - A default that is a text or a number is there from the start. One that is
//     worked out is worked out once, at the start, if the item is relevant then.
//   - A calculation sets the value when the item becomes relevant and whenever
//     it gives something else than before. What a person answers to the same
//     item stands until then.
//   - A choice that the filter does not offer is no value; it comes back with
//     the offer. Choices of several stand in the order of their list.
//   - An item is valid if its constraint holds and it is not empty where
//     required. The constraint of an empty item is not asked, and an item that
//     is not relevant is valid. A text longer than allowed and an exclusive
//     choice beside another one violate a constraint.
//   - A missing code (dont_know, prefer_not, not_applicable) satisfies a required
//     item and is its value, but expressions see an empty one.
//   - Notes, calculations, hidden and unasked items are variables too, groups are
//     not. Unasked items are not filled in by the device.
//
// What cannot be read as an answer of the item's kind is the empty value, and a
// number with decimals is cut to a whole one where a whole one is asked for.
// One difference is meant: ODK writes the decimal 3 as 3.0, here it is 3.
package run
