package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"strings"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// Recovery codes: ten of twelve characters, which are 60 bits, so they are hashed like passwords. Those of a person share
// a salt: one hash tells whether a code is any of them.
const (
	codeCount  = 10
	codeLength = 12
	codeGroup  = 4
	codeAlpha  = "0123456789abcdefghjkmnpqrstvwxyz" // 32, none like another
)

// makeCodes gives new codes as they are shown, and their hashes.
func (s *Service) makeCodes(ctx context.Context) (codes, hashes []string, err error) {
	salt := random(saltLength)
	for range codeCount {
		raw := make([]byte, codeLength)
		rand.Read(raw) // never fails
		var shown strings.Builder
		for i, b := range raw {
			raw[i] = codeAlpha[b&31]
			if i > 0 && i%codeGroup == 0 {
				shown.WriteByte('-')
			}
			shown.WriteByte(raw[i])
		}
		sum, err := s.hasher.sum(ctx, string(raw), salt, hashPasses, hashMemory, hashLanes, hashLength)
		if err != nil {
			return nil, nil, err
		}
		codes, hashes = append(codes, shown.String()), append(hashes, encode(salt, sum))
	}
	return codes, hashes, nil
}

// storeCodes puts new codes in the place of all others.
func (s *Service) storeCodes(ctx context.Context, tx storage.Querier, p Person, hashes []string) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM person_recovery WHERE person_id = $1", p.ID); err != nil {
		return err
	}
	for _, hash := range hashes {
		if _, err := tx.ExecContext(ctx, "INSERT INTO person_recovery (person_id, hash) VALUES ($1, $2)", p.ID, hash); err != nil {
			return err
		}
	}
	return s.note(ctx, tx, p.Actor(), "factor.add", p.ID, "kind", "recovery")
}

// NewCodes gives new recovery codes and ends the old ones. Errors: Conflict without a factor that they could stand in for;
// see enroller.
func (s *Service) NewCodes(ctx context.Context, token string) (codes []string, err error) {
	defer errs.Wrap(&err, "people.NewCodes")
	if v, err := s.enroller(ctx, s.db.Read(), token); err != nil {
		return nil, err
	} else if !v.factors {
		return nil, errs.New(errs.Conflict, errs.Conflict.Key())
	}
	codes, hashes, err := s.makeCodes(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		v, err := s.enroller(ctx, tx, token)
		if err != nil {
			return err
		}
		return s.storeCodes(ctx, tx, v.Person, hashes)
	})
	return codes, err
}

// mistyped are letters that the alphabet does not have, and what they were read for.
var mistyped = strings.NewReplacer("o", "0", "i", "1", "l", "1", "u", "v")

// recoveryCode checks a recovery code, and gives what uses it up. Somebody without codes waits as long as others.
func (s *Service) recoveryCode(ctx context.Context, personID, code string) (func(storage.Querier) error, error) {
	hashes, err := storage.All(ctx, s.db.Read(), scanText, "SELECT hash FROM person_recovery WHERE person_id = $1", personID)
	if err != nil {
		return nil, err
	}
	if len(code) != codeLength || len(hashes) == 0 {
		return nil, errCode()
	}
	cost, err := readPHC(hashes[0])
	if err != nil {
		return nil, err
	}
	sum, err := s.hasher.sum(ctx, mistyped.Replace(code), cost.salt, cost.passes, cost.memory, cost.lanes, uint32(len(cost.hash)))
	if err != nil {
		return nil, err
	}
	for _, hash := range hashes {
		one, err := readPHC(hash)
		if err != nil {
			return nil, err
		}
		if subtle.ConstantTimeCompare(sum, one.hash) == 1 {
			return func(tx storage.Querier) error {
				return once(ctx, tx, "DELETE FROM person_recovery WHERE person_id = $1 AND hash = $2", personID, hash)
			}, nil
		}
	}
	return nil, errCode()
}
