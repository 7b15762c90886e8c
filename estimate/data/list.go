package data

// A list grows without copying what it has: a column of unknown length is
// collected in pieces and joined once.
type list[T any] struct {
	full [][]T
	open []T
}

const (
	firstPiece = 256
	lastPiece  = 1 << 16
)

func (l *list[T]) add(x T) {
	if len(l.open) == cap(l.open) {
		l.grow()
	}
	l.open = append(l.open, x)
}

func (l *list[T]) grow() {
	size := firstPiece
	if l.open != nil {
		l.full = append(l.full, l.open)
		size = min(2*cap(l.open), lastPiece)
	}
	l.open = make([]T, 0, size)
}

func (l *list[T]) len() int {
	n := len(l.open)
	for _, piece := range l.full {
		n += len(piece)
	}
	return n
}

// join returns everything and empties the list.
func (l *list[T]) join() []T {
	all := make([]T, 0, l.len())
	for _, piece := range l.full {
		all = append(all, piece...)
	}
	all = append(all, l.open...)
	*l = list[T]{}
	return all
}

// each calls do for everything, in order.
func (l *list[T]) each(do func(T)) {
	for _, piece := range l.full {
		for _, x := range piece {
			do(x)
		}
	}
	for _, x := range l.open {
		do(x)
	}
}
