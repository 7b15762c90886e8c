package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// Certificate is what is wrong with the server's certificate. The zero value is a good one for 127.0.0.1 and localhost.
type Certificate struct {
	OtherName bool // it is for another host
	Expired   bool
}

// make issues the certificate and gives the authority's in PEM.
func (c Certificate) make(t testing.TB) (tls.Certificate, []byte) {
	t.Helper()
	now := time.Now()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mailtest"}, NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "mail"}, NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if c.OtherName {
		leaf.DNSNames, leaf.IPAddresses = []string{"elsewhere.example.org"}, nil
	}
	if c.Expired {
		leaf.NotAfter = now.Add(-24 * time.Hour)
	}
	authorityKey, leafKey := key(t), key(t)
	authorityDER := sign(t, authority, authority, authorityKey, authorityKey)
	leafDER := sign(t, leaf, authority, leafKey, authorityKey)
	return tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: leafKey},
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authorityDER})
}

func key(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t testing.TB, subject, issuer *x509.Certificate, subjectKey, issuerKey *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, subject, issuer, &subjectKey.PublicKey, issuerKey)
	if err != nil {
		t.Fatal(err)
	}
	return der
}
