package ballot

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	magic        = "adili-box-1\n"
	headerSize   = 4096
	markSize     = sha256.Size
	checksumSize = 16
	saltSize     = 16
	idSize       = 16
	idOffset     = len(magic) + 4 + saltSize

	// maxSealed bounds what a damaged header may ask for.
	maxSealed = 1 << 20

	// batch bounds how many answers share one fdatasync.
	batch = 256
)

// Mark tells whether the same form has been put into a Box before. It is a
// hash of a number only the form holds.
type Mark [markSize]byte

// ErrClosed is returned by Put after Close.
var ErrClosed = errors.New("the answer file is closed")

// Box is the answer file of one round. Its methods may be called from several
// goroutines.
type Box struct {
	path  string
	puts  chan *put
	done  chan struct{}
	close sync.Once

	mu    sync.RWMutex // guards what follows
	stop  bool
	marks map[Mark]int // slot of every mark that is on the disk

	// Only the writing goroutine touches these.
	file *os.File
	header
	free  []int
	doubt map[Mark]int // written, but the disk did not confirm it
}

type put struct {
	mark   Mark
	sealed []byte
	err    chan error
}

// header is what stands at the beginning of the file.
type header struct {
	sealed int            // bytes of a sealed answer
	salt   [saltSize]byte // of the checksums; new in each file
	id     [idSize]byte   // of the box; stays when the file grows
}

// Create makes an answer file with room for slots answers of sealed bytes each
// and fills it with random bytes. The file grows by itself when it runs full.
func Create(path string, sealed, slots int) error {
	var id [idSize]byte
	if _, err := rand.Read(id[:]); err != nil {
		return fmt.Errorf("create answer file: %w", err)
	}
	return create(path, sealed, slots, id)
}

func create(path string, sealed, slots int, id [idSize]byte) error {
	if sealed < 1 || slots < 1 {
		return fmt.Errorf("create answer file: %d slots of %d bytes", slots, sealed)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("create answer file: %w", err)
	}
	err = fill(f, sealed, slots, id)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(path)
		return fmt.Errorf("create answer file: %w", err)
	}
	return nil
}

// fill writes the header and random slots.
func fill(f *os.File, sealed, slots int, id [idSize]byte) error {
	head := make([]byte, headerSize)
	n := copy(head, magic)
	binary.LittleEndian.PutUint32(head[n:], uint32(sealed))
	if _, err := rand.Read(head[n+4 : idOffset]); err != nil {
		return err
	}
	copy(head[idOffset:], id[:])
	if _, err := f.WriteAt(head, 0); err != nil {
		return err
	}
	if _, err := f.Seek(headerSize, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.CopyN(f, rand.Reader, int64(slots)*int64(slotSize(sealed))); err != nil {
		return err
	}
	return f.Sync()
}

func slotSize(sealed int) int { return checksumSize + markSize + sealed }

// Open opens an answer file, finds what is in it by reading it whole, and
// starts its writer.
func Open(path string) (*Box, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open answer file: %w", err)
	}
	b := &Box{path: path, file: f, puts: make(chan *put, batch), done: make(chan struct{}), doubt: map[Mark]int{}}
	if err = b.scan(); err == nil {
		err = b.name()
	}
	if err == nil {
		err = b.confirm()
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open answer file: %w", err)
	}
	go b.write()
	return b, nil
}

// name gives an id to a file from before there were any.
func (b *Box) name() error {
	if b.id != [idSize]byte{} {
		return nil
	}
	if _, err := rand.Read(b.id[:]); err != nil {
		return err
	}
	if _, err := b.file.WriteAt(b.id[:], int64(idOffset)); err != nil {
		return err
	}
	return b.file.Sync()
}

// ID tells this box from every other, also from a copy that Merge has made.
func (b *Box) ID() string { return hex.EncodeToString(b.id[:]) }

// scan finds what is in the file.
func (b *Box) scan() error {
	b.marks, b.free = map[Mark]int{}, nil
	slot := 0
	head, err := read(io.NewSectionReader(b.file, 0, 1<<62), func(mark Mark, _ []byte, ok bool) error {
		if ok {
			b.marks[mark] = slot
		} else {
			b.free = append(b.free, slot)
		}
		slot++
		return nil
	})
	b.header = head
	return err
}

// read reads an answer file from its beginning and calls visit with each slot;
// ok says whether an answer is in it.
func read(r io.Reader, visit func(mark Mark, sealed []byte, ok bool) error) (header, error) {
	var h header
	head := make([]byte, headerSize)
	if _, err := io.ReadFull(r, head); err != nil {
		return h, fmt.Errorf("read header: %w", err)
	}
	if string(head[:len(magic)]) != magic {
		return h, errors.New("this is not an answer file")
	}
	h.sealed = int(binary.LittleEndian.Uint32(head[len(magic):]))
	copy(h.salt[:], head[len(magic)+4:])
	copy(h.id[:], head[idOffset:])
	if h.sealed < 1 || h.sealed > maxSealed {
		return h, fmt.Errorf("answers of %d bytes", h.sealed)
	}
	slot := make([]byte, slotSize(h.sealed))
	for {
		if _, err := io.ReadFull(r, slot); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return h, nil
			}
			return h, fmt.Errorf("read slot: %w", err)
		}
		mark, sealed, ok := h.decode(slot)
		if err := visit(mark, sealed, ok); err != nil {
			return h, err
		}
	}
}

// checksum tells a written slot from random bytes and from a torn write.
func (h *header) checksum(rest []byte) [checksumSize]byte {
	sum := sha256.New()
	sum.Write(h.salt[:])
	sum.Write(rest)
	return [checksumSize]byte(sum.Sum(nil))
}

func (h *header) decode(slot []byte) (mark Mark, sealed []byte, ok bool) {
	rest := slot[checksumSize:]
	if h.checksum(rest) != [checksumSize]byte(slot) {
		return Mark{}, nil, false
	}
	return Mark(rest), rest[markSize:], true
}

func (b *Box) encode(mark Mark, sealed []byte) []byte {
	slot := make([]byte, slotSize(b.sealed))
	copy(slot[checksumSize:], mark[:])
	copy(slot[checksumSize+markSize:], sealed)
	sum := b.checksum(slot[checksumSize:])
	copy(slot, sum[:])
	return slot
}

// Put stores a sealed answer. When it returns nil the answer is on the disk.
// An answer with a mark that is there already is stored once. After an error
// the answer may or may not be there; putting the same again settles it.
func (b *Box) Put(mark Mark, sealed []byte) error {
	if b.Has(mark) {
		return nil
	}
	p := &put{mark: mark, sealed: sealed, err: make(chan error, 1)}
	b.mu.RLock()
	if b.stop {
		b.mu.RUnlock()
		return ErrClosed
	}
	b.puts <- p
	b.mu.RUnlock()
	return <-p.err
}

// Has reports whether an answer with this mark is on the disk.
func (b *Box) Has(mark Mark) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	_, ok := b.marks[mark]
	return ok
}

// Len is the number of answers on the disk.
func (b *Box) Len() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.marks)
}

// Close refuses further answers, waits for those under way and closes the file.
func (b *Box) Close() error {
	b.close.Do(func() {
		b.mu.Lock()
		b.stop = true
		close(b.puts)
		b.mu.Unlock()
	})
	<-b.done
	return nil
}

// write is the only goroutine that changes the file. Answers that arrive while
// the disk is busy share the next fdatasync.
func (b *Box) write() {
	defer close(b.done)
	defer func() { b.file.Close() }() // the file of the end: growing replaces it
	for p := range b.puts {
		pending := []*put{p}
		for len(pending) < batch {
			select {
			case q, ok := <-b.puts:
				if ok {
					pending = append(pending, q)
					continue
				}
			default:
			}
			break
		}
		b.store(pending)
	}
}

// store writes a batch, makes it durable and answers everybody in it.
func (b *Box) store(pending []*put) {
	wrote := make(map[Mark]bool, len(pending))
	var err error
	for _, p := range pending {
		if wrote[p.mark] || err != nil || b.Has(p.mark) {
			continue
		}
		if err = b.place(p); err == nil {
			wrote[p.mark] = true
		}
	}
	if len(wrote) > 0 {
		if serr := dataSync(b.file); err == nil {
			err = serr
		}
	}
	if err == nil {
		b.blurTime()
		b.mu.Lock()
		for mark := range wrote {
			b.marks[mark] = b.doubt[mark]
			delete(b.doubt, mark)
		}
		b.mu.Unlock()
	}
	for _, p := range pending {
		if err != nil && !b.Has(p.mark) {
			p.err <- fmt.Errorf("store answer: %w", err)
			continue
		}
		p.err <- nil
	}
}

// place writes one answer into a free slot drawn by chance. A mark whose last
// write the disk did not confirm goes to the same slot again.
func (b *Box) place(p *put) error {
	if len(p.sealed) != b.sealed {
		return fmt.Errorf("sealed answer has %d bytes, want %d", len(p.sealed), b.sealed)
	}
	slot, again := b.doubt[p.mark]
	if !again {
		if len(b.free) == 0 {
			if err := b.grow(); err != nil {
				return err
			}
		}
		i, err := draw(len(b.free))
		if err != nil {
			return err
		}
		slot = b.free[i]
		b.free[i] = b.free[len(b.free)-1]
		b.free = b.free[:len(b.free)-1]
		b.doubt[p.mark] = slot
	}
	_, err := b.file.WriteAt(b.encode(p.mark, p.sealed), b.offset(slot))
	return err
}

func (b *Box) offset(slot int) int64 {
	return headerSize + int64(slot)*int64(slotSize(b.sealed))
}

// blurTime sets the file's times to the start of the day: when the last answer
// arrived is nobody's business.
func (b *Box) blurTime() {
	day := time.Now().UTC().Truncate(24 * time.Hour)
	_ = os.Chtimes(b.path, day, day) // a time that stays sharp is no reason to refuse an answer
}

// draw returns a uniform random number below n.
func draw(n int) (int, error) {
	v, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0, fmt.Errorf("draw a slot: %w", err)
	}
	return int(v.Int64()), nil
}
