// Package option is the configuration of the program: one table of options,
// from which the flags of every command, the names in the environment, the keys
// of the configuration file, the help, the guide and the checks follow.
//
// An option given as a flag wins over the environment, the environment over the
// file, the file over the default. A secret never stands in any of them: an
// option whose key ends in -file names the file that holds it.
package option
