// Package chart draws the charts of a survey report as accessible SVG on the
// server: scores with intervals ([DotInterval]), answers in ordered categories
// ([StackedLikert]) and shares of choices ([Bars]). No script is needed to read
// them, on a phone, in print or in a saved file.
//
// A chart is a value filled in by the caller. It is drawn in two widths from
// the same data, see [Responsive], and gives that data as a [Table] to stand
// beside it, so that chart and page cannot differ.
//
// # Conventions
//
// The coordinates of a mark can be read back from the SVG. Callers therefore
// hand over values as they may be published, already rounded and suppressed,
// never the exact ones.
//
// Rows are drawn in the order given. The package does not sort, rank or judge:
// there is one neutral scale from disagree to agree and one hue per population,
// which is also told by shape (circle, diamond) and by name beside each mark.
//
// Colours come from the custom properties of the page through classes; see
// [CSS]. There are no inline styles, which a strict content security policy
// forbids. Presentation attributes carry fallbacks for a saved file.
//
// In right-to-left languages the whole chart is mirrored: axes run from the
// right, labels start on the right. Text widths are estimated, as the server
// has no fonts; see textWidth.
//
// All words and number formats come from the caller in the reader's language.
// The same input gives the same bytes.
package chart
