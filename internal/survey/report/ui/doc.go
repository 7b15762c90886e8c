// Package ui shows the report of a closed round: one page with charts and their
// tables, every table as CSV, and a page on how the numbers were made.
//
// All numbers come from package report as they may be published; nothing is
// calculated here. Charts, page tables and CSV are made from the same values.
// Offices, strata and choices stand in the order of the frame or questionnaire.
package ui
