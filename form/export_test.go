package form

// RelevantNames are the items that decide whether it is asked, for tests.
func (it Item) RelevantNames() []string { return refs(it.Relevant) }
