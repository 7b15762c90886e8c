// Package xlsform reads questionnaires from XLSForms and writes them as
// XLSForms. An XLSForm is a workbook with the sheets survey, choices and
// settings; this package sees sheets as cells and knows nothing of files.
// Tables in Markdown are another way to write the same sheets, for tests and
// reviews.
//
// Reading follows what pyxform 4.5 accepts and refuses. What Adili cannot hold
// is refused with its sheet, row and column, or kept as an item of kind
// form.Unasked; docs/guide/xlsform.md lists which. Nothing is dropped without
// a warning.
package xlsform
