// Package web is the shell around every page: it serves routes given as data, finds the reader's language and session, asks
// the permission table, renders html/template pages inside one of three layouts, turns errors into pages in the reader's
// language, and sets the limits and security headers of every answer. It owns html/template, gzip and the program's CSS and
// script. It knows no survey, and no page of it needs JavaScript.
//
// Routes come in three sorts, told apart by address and permission:
//
//   - staff routes, /staff/…: session cookie, cross-site check, permission table, one access log line;
//   - respondent routes, permission Respondent: no session is read, no cookie is ever set, no cross-site check (there is
//     nothing to ride on), and nothing is logged that shows when somebody answered;
//   - public routes, /{lang}/… with permission Public: as respondent routes, in the public layout.
//
// Staff and other addresses are served by two muxes, so that "/{lang}/x" and "/staff/{y}" never collide.
package web
