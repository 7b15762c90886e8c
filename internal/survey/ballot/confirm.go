package ballot

// confirm brings what was found to the disk. The program that wrote it may have
// been killed, or refused by the disk, before it was there; read from the
// system's memory it looks the same. It is written again, since a system that
// failed to write a page once may hold it for written.
func (b *Box) confirm() error {
	if len(b.marks) == 0 {
		return nil
	}
	slot := make([]byte, slotSize(b.sealed))
	for _, i := range b.marks {
		if _, err := b.file.ReadAt(slot, b.offset(i)); err != nil {
			return err
		}
		if _, err := b.file.WriteAt(slot, b.offset(i)); err != nil {
			return err
		}
	}
	if err := dataSync(b.file); err != nil {
		return err
	}
	b.blurTime()
	return nil
}
