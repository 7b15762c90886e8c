package oidc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// forger is a provider that says whatever a test wants it to: what dex, being honest, never says.
type forger struct {
	*httptest.Server
	rsa    *rsa.PrivateKey
	ec     *ecdsa.PrivateKey
	nonce  string         // of the sign-in under way
	change map[string]any // in the claims of the identity token; nil takes one away
	told   map[string]any // in the discovery document
	info   map[string]any // what it tells of the person on request
	sign   func(head, claims map[string]any) string
	ill    map[string]int // by path, what is answered instead
	form   url.Values     // of the last request for a token
	basic  bool           // the secret came in the header
}

func newForger(t *testing.T, encrypted bool) *forger {
	t.Helper()
	f := &forger{change: map[string]any{}, told: map[string]any{}, ill: map[string]int{}}
	var err error
	if f.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if f.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	f.sign = f.rs256
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		document := map[string]any{"issuer": f.URL, "authorization_endpoint": f.URL + "/auth", "token_endpoint": f.URL + "/token", "jwks_uri": f.URL + "/keys", "userinfo_endpoint": f.URL + "/info"}
		maps.Copy(document, f.told)
		reply(w, document)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		_, _, f.basic = r.BasicAuth()
		f.form = r.PostForm
		reply(w, map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": f.token()})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) {
		point, err := f.ec.PublicKey.Bytes()
		if err != nil {
			t.Error(err)
		}
		reply(w, map[string]any{"keys": []map[string]string{
			{"kty": "oct", "kid": "shared", "k": text([]byte("s:e c"))},
			{"kty": "RSA", "kid": "rsa", "n": text(f.rsa.N.Bytes()), "e": text(big.NewInt(int64(f.rsa.E)).Bytes())},
			{"kty": "EC", "kid": "ec", "crv": "P-256", "x": text(point[1:33]), "y": text(point[33:])},
		}})
	})
	mux.HandleFunc("GET /info", func(w http.ResponseWriter, r *http.Request) { reply(w, f.info) })
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm() // a form that cannot be read is an empty one
		if status := f.ill[r.URL.Path]; status != 0 {
			w.WriteHeader(status)
			return
		}
		mux.ServeHTTP(w, r)
	})
	f.Server = httptest.NewUnstartedServer(handler)
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	if encrypted {
		f.StartTLS()
	} else {
		f.Start()
	}
	t.Cleanup(f.Close)
	return f
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v) // whoever reads it sees if it breaks off
}

// token is an identity token for the person who has just signed in.
func (f *forger) token() string {
	claims := map[string]any{
		"iss": f.URL, "sub": "p1", "aud": "adili", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(),
		"nonce": f.nonce, "email": "amina@example.org", "email_verified": true, "name": "Amina",
	}
	for name, value := range f.change {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	return f.sign(map[string]any{"typ": "JWT"}, claims)
}

func (f *forger) rs256(head, claims map[string]any) string {
	return rsaToken(f.rsa, head, claims)
}

func rsaToken(key *rsa.PrivateKey, head, claims map[string]any) string {
	head["alg"], head["kid"] = "RS256", "rsa"
	return signed(head, claims, func(content []byte) []byte {
		sum := sha256.Sum256(content)
		signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
		if err != nil {
			panic(err)
		}
		return signature
	})
}

func (f *forger) ps256(head, claims map[string]any) string {
	head["alg"], head["kid"] = "PS256", "rsa"
	return signed(head, claims, func(content []byte) []byte {
		sum := sha256.Sum256(content)
		signature, err := rsa.SignPSS(rand.Reader, f.rsa, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		if err != nil {
			panic(err)
		}
		return signature
	})
}

func (f *forger) es256(head, claims map[string]any) string {
	head["alg"], head["kid"] = "ES256", "ec"
	return signed(head, claims, func(content []byte) []byte {
		sum := sha256.Sum256(content)
		r, s, err := ecdsa.Sign(rand.Reader, f.ec, sum[:])
		if err != nil {
			panic(err)
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	})
}

// hs256 signs with what everybody knows or two parties share.
func hs256(id string, secret []byte) func(head, claims map[string]any) string {
	return func(head, claims map[string]any) string {
		head["alg"], head["kid"] = "HS256", id
		return signed(head, claims, func(content []byte) []byte {
			mac := hmac.New(sha256.New, secret)
			mac.Write(content)
			return mac.Sum(nil)
		})
	}
}

func unsigned(head, claims map[string]any) string {
	head["alg"] = "none"
	return signed(head, claims, func([]byte) []byte { return nil })
}

func signed(head, claims map[string]any, sign func([]byte) []byte) string {
	content := part(head) + "." + part(claims)
	return content + "." + text(sign([]byte(content)))
}

func part(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text(data)
}

func text(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
