// Package survey owns the integrity perception survey: rounds and their plans,
// the frame, the invitations, the intake of answers, fieldwork, closing, and
// what is left for the report afterwards.
//
// Its words: a round is one iteration of the survey; a population is the
// officials or the private sector; the frame says how many people there are in
// each cell of the dimensions the administration uses; a collection stratum is
// a part of the frame of at least MinStratum people, and the only thing known
// of an answer from outside; a code is an invitation on a card or in a link.
//
// Its tables: round, population, code, fieldwork, tally. Answers are in none
// of them: they go sealed into package ballot's files under the data folder.
// The code table and the answer files share no value. Nothing here notes when,
// from where or in which order anybody answered.
package survey
