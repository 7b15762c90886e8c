package survey

import "adili/internal/survey/code"

// Names that others still use.
type (
	Code    = code.Code
	Carrier = code.Carrier
)

const (
	ByCard = code.ByCard
	ByLink = code.ByLink
)

var (
	ErrMistyped = code.ErrMistyped
	ParseCode   = code.Parse
)
