package option

import "io/fs"

// private lets every file pass: who may read it is said by access lists that
// its folder hands down, which "adili service install" sets.
func private(string, fs.FileMode, Sources) error { return nil }
