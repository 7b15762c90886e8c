package people

import (
	"crypto/hmac"
	"crypto/sha256"
	"sync"
	"time"

	"adili/internal/kernel/clock"
)

// allowance is a number of attempts in a row and the time after which one of them comes back.
type allowance struct {
	most  float64
	every time.Duration
}

// Attempts from a browser that has signed in to the account before (see newDevice) count against that browser alone: nobody
// else's guesses keep it out. All others share two allowances, their client's and the account's. The client runs dry long
// before the account does; an account that is tried from many places is slowed down to ten attempts a minute, and with it
// its owner on a new device, who still has a passkey or a one-time link.
var (
	perClient  = allowance{most: 10, every: time.Minute}
	perAccount = allowance{most: 50, every: 6 * time.Second}
	perDevice  = allowance{most: 10, every: time.Minute}
	perSession = allowance{most: 10, every: time.Minute}    // of one's own password, by somebody signed in
	perSecond  = allowance{most: 5, every: 2 * time.Minute} // of codes, by somebody who knows the password: three of a million are right
)

// slot names one allowance.
type slot struct {
	kind, name string
	allowance
}

// attempt is the allowances that one attempt uses up.
type attempt []slot

// outside is an attempt from a client, on an account, that nothing else is known of. An empty client is one that cannot be
// told from others: then the account alone counts.
func outside(client, account string) attempt {
	a := attempt{{"account", account, perAccount}}
	if client != "" {
		a = append(a, slot{"client", client, perClient})
	}
	return a
}

// limiter counts failed attempts in memory. Its keys are keyed hashes under a salt that lives as long as the process, so it
// holds no address, and an entry is gone within ten minutes of its last attempt.
type limiter struct {
	clock clock.Clock
	salt  []byte

	mu      sync.Mutex
	buckets map[[32]byte]bucket
	swept   time.Time
}

// bucket is what is left of an allowance at a time.
type bucket struct {
	allowance
	left float64
	at   time.Time
}

const maxBuckets = 20_000

func newLimiter(clk clock.Clock) *limiter {
	return &limiter{clock: clk, salt: random(32), buckets: make(map[[32]byte]bucket)}
}

func (l *limiter) key(kind, name string) (key [32]byte) {
	mac := hmac.New(sha256.New, l.salt)
	mac.Write([]byte(kind + "\x00" + name)) // never fails
	mac.Sum(key[:0])
	return key
}

// take uses up one of each allowance. Any being used up, it takes none and says no.
func (l *limiter) take(a attempt) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	l.sweep(now)
	for _, slot := range a {
		if l.fill(l.key(slot.kind, slot.name), slot.allowance, now) < 1 {
			return false
		}
	}
	l.add(a, -1)
	return true
}

// giveBack returns what take took, after an attempt that succeeded.
func (l *limiter) giveBack(a attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(a, 1)
}

// fill brings a bucket up to now and gives what it holds.
func (l *limiter) fill(key [32]byte, allow allowance, now time.Time) float64 {
	b, ok := l.buckets[key]
	if !ok {
		b = bucket{allowance: allow, left: allow.most, at: now}
	}
	past := max(0, now.Sub(b.at)) // a clock that was put back must not lock anybody out
	b.left = min(b.most, b.left+float64(past)/float64(b.every))
	b.at = now
	l.buckets[key] = b
	return b.left
}

func (l *limiter) add(a attempt, n float64) {
	for _, slot := range a {
		key := l.key(slot.kind, slot.name)
		if b, ok := l.buckets[key]; ok {
			b.left = min(b.most, b.left+n)
			l.buckets[key] = b
		}
	}
}

// sweep drops buckets that are full again, once a minute, and any at all down to half when there are too many: memory comes
// before strictness.
func (l *limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute && len(l.buckets) < maxBuckets {
		return
	}
	l.swept = now
	crowded := len(l.buckets) >= maxBuckets
	for key, b := range l.buckets {
		if b.left+float64(now.Sub(b.at))/float64(b.every) >= b.most || (crowded && len(l.buckets) > maxBuckets/2) {
			delete(l.buckets, key)
		}
	}
}
