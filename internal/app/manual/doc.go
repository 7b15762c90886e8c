// Package manual writes what goes with a command line: the manual page and the
// completions of shells, all from kong's model of it.
package manual
