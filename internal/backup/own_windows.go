package backup

// adopt does nothing: what is made in a folder is given the folder's rights.
func (t Target) adopt(string) error { return nil }
