package people

import (
	"context"
	"fmt"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/people/seal"
	"adili/internal/kernel/storage"
)

// KnownFor is how long a browser stays known after its owner has signed in.
const KnownFor = seal.DeviceLife

// NewKey gives a random key for UseKey.
func NewKey() []byte { return seal.NewKey() }

// UseKey has the secrets of authenticator apps sealed under a key that is not in the database, so that a copy of the
// database alone does not give them away. It is called before the service is used, on every node with the same key. The
// error's kind is Conflict when the database holds secrets under another key; the service may go on all the same: passkeys
// and recovery codes are not concerned.
func (s *Service) UseKey(ctx context.Context, key []byte) (err error) {
	defer errs.Wrap(&err, "people.UseKey")
	if len(key) < seal.KeyLength {
		return fmt.Errorf("a key of %d bytes, want %d", len(key), seal.KeyLength)
	}
	s.keysMu.Lock()
	s.fileKey, s.keys = key, nil
	s.keysMu.Unlock()
	keys, err := s.ring(ctx)
	if err != nil {
		return err
	}
	sealed, err := storage.All(ctx, s.db.Read(), scanBytes, "SELECT secret FROM person_totp")
	if err != nil {
		return err
	}
	for _, secret := range sealed {
		if !keys.Has(secret) {
			return errs.New(errs.Conflict, "people.error.key")
		}
	}
	return nil
}

// ring gives the keys. The root is made when it is first needed.
func (s *Service) ring(ctx context.Context) (*seal.Ring, error) {
	s.keysMu.Lock()
	defer s.keysMu.Unlock()
	if s.keys != nil {
		return s.keys, nil
	}
	const name = "root"
	read := func(q storage.Querier) ([]byte, error) {
		return storage.One(ctx, q, scanBytes, "SELECT value FROM person_key WHERE name = $1", name)
	}
	root, err := read(s.db.Read())
	if storage.IsMissing(err) {
		err = s.db.Write(ctx, func(tx storage.Querier) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO person_key (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, seal.NewKey())
			if err != nil {
				return err
			}
			root, err = read(tx) // another node may have been faster
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	s.keys = seal.New(root, s.fileKey)
	return s.keys, nil
}

// Keep seals a few bytes that travel through the browser, for one purpose and for so long.
func (s *Service) Keep(ctx context.Context, purpose string, body []byte, life time.Duration) (token string, err error) {
	defer errs.Wrap(&err, "people.Keep")
	keys, err := s.ring(ctx)
	if err != nil {
		return "", err
	}
	return keys.Token(body, purpose, s.clock.Now().Add(life)), nil
}

// Kept gives what Keep sealed for the purpose. What is too old, of another purpose or not ours is one error, of kind Invalid.
func (s *Service) Kept(ctx context.Context, purpose, token string) (body []byte, err error) {
	defer errs.Wrap(&err, "people.Kept")
	keys, err := s.ring(ctx)
	if err != nil {
		return nil, err
	}
	if body, err = keys.Body(token, purpose, s.clock.Now()); err != nil {
		return nil, errStale().Because(err)
	}
	return body, nil
}

func errStale() *errs.E { return errs.New(errs.Invalid, "people.error.stale") }

// useOnce lets what was kept, which holds something random, be used in one transaction only, whichever node it comes to. It
// goes by the content: the same token can be written in more than one way.
func (s *Service) useOnce(ctx context.Context, tx storage.Querier, body []byte) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM person_used WHERE expires_at <= $1", s.now()); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO person_used (hash, expires_at) VALUES ($1, $2)",
		tokenHash(string(body)), s.clock.Now().Add(ceremonyLife).UnixMicro())
	if storage.IsConflict(err) {
		return errStale()
	}
	return err
}
