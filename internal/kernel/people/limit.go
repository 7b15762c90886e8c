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

// A client runs dry long before an account does, so that nobody can lock another person out from one place; an account that
// is tried from many places is slowed down to ten attempts a minute, its owner's among them.
var (
	perClient  = allowance{most: 10, every: time.Minute}
	perAccount = allowance{most: 50, every: 6 * time.Second}
)

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

// take uses up one attempt of the client and one of the account. Either being used up, it takes none and says no. An empty
// client is one that cannot be told from others: then the account alone counts.
func (l *limiter) take(client, account string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	l.sweep(now)
	c, a := l.key("client", client), l.key("account", account)
	if client != "" && l.fill(c, perClient, now) < 1 || l.fill(a, perAccount, now) < 1 {
		return false
	}
	l.add(c, -1) // does nothing for an empty client, which has no bucket
	l.add(a, -1)
	return true
}

// giveBack returns what take took, after an attempt that succeeded.
func (l *limiter) giveBack(client, account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(l.key("client", client), 1)
	l.add(l.key("account", account), 1)
}

// fill brings a bucket up to now and gives what it holds.
func (l *limiter) fill(key [32]byte, allow allowance, now time.Time) float64 {
	b, ok := l.buckets[key]
	if !ok {
		b = bucket{allowance: allow, left: allow.most, at: now}
	}
	b.left = min(b.most, b.left+float64(now.Sub(b.at))/float64(b.every))
	b.at = now
	l.buckets[key] = b
	return b.left
}

func (l *limiter) add(key [32]byte, n float64) {
	if b, ok := l.buckets[key]; ok {
		b.left = min(b.most, b.left+n)
		l.buckets[key] = b
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
