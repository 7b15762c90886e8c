package form

import "adili/form/fault"

// Fault is one thing wrong with a questionnaire.
type Fault = fault.Fault

// Faults are all that is wrong with one. They are the error that Read returns;
// a file is taken whole or not at all.
type Faults = fault.List

// FaultKeys lists every message key a Fault can carry, with its English text.
// A catalogue of messages has to have them all.
func FaultKeys() map[string]string { return fault.Keys() }
