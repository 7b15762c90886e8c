package oidc

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Identity is who signed in. Issuer and Subject together name the person for good; the e-mail address can be given to
// somebody else later, and counts only when the provider has verified it.
type Identity struct {
	Issuer, Subject string
	Email           string // may be empty
	EmailVerified   bool
	Name            string // may be empty
	MFA             bool   // the provider says that more than one factor was used
}

// claims are what an identity token or the user info says.
type claims struct {
	Subject       string   `json:"sub"`
	Party         string   `json:"azp"`
	Email         string   `json:"email"`
	EmailVerified truth    `json:"email_verified"`
	Name          string   `json:"name"`
	Methods       oneOrAll `json:"amr"`
	Class         string   `json:"acr"`
}

func (c *claims) identity(issuer string) Identity {
	return Identity{
		Issuer: issuer, Subject: c.Subject, Email: strings.TrimSpace(c.Email), EmailVerified: bool(c.EmailVerified) && c.Email != "",
		Name: strings.TrimSpace(c.Name), MFA: c.mfa(),
	}
}

// factors are the methods of RFC 8176 by what they prove: something known, something held, something that one is. Methods
// that say neither, such as "user" for presence and "rba" for a guess at the risk, prove nothing here.
var factors = map[string][]string{
	"known": {"pwd", "pin", "kba"},
	"held":  {"otp", "sms", "tel", "hwk", "swk", "sc", "pop"},
	"being": {"face", "fpt", "iris", "retina", "vbm"},
}

// classes are values of acr that promise several factors, whatever else they promise. Numbers and a provider's own words
// mean what its operator made them mean, and are not taken for that.
var classes = []string{
	"http://schemas.openid.net/pape/policies/2007/06/multi-factor",
	"http://schemas.openid.net/pape/policies/2007/06/multi-factor-physical",
	"http://schemas.microsoft.com/claims/multipleauthn",
	"https://refeds.org/profile/mfa",
	"http://idmanagement.gov/ns/assurance/aal/2",
	"http://idmanagement.gov/ns/assurance/aal/3",
	"http://eidas.europa.eu/LoA/substantial",
	"http://eidas.europa.eu/LoA/high",
}

// mfa reports whether the provider says that the person proved more than one factor.
func (c *claims) mfa() bool {
	if slices.Contains(c.Methods, "mfa") || slices.Contains(classes, c.Class) ||
		slices.ContainsFunc(c.Methods, func(m string) bool { return slices.Contains(classes, m) }) { // AD FS puts them there
		return true
	}
	kinds := 0
	for _, methods := range factors {
		if slices.ContainsFunc(c.Methods, func(m string) bool { return slices.Contains(methods, m) }) {
			kinds++
		}
	}
	return kinds > 1
}

// truth is a boolean that some providers write as a text.
type truth bool

// UnmarshalJSON implements json.Unmarshaler.
func (t *truth) UnmarshalJSON(data []byte) error {
	switch strings.ToLower(string(data)) {
	case "true", `"true"`:
		*t = true
	case "false", `"false"`, "null":
		*t = false
	default:
		return fmt.Errorf("%.40q is neither true nor false", data)
	}
	return nil
}

// oneOrAll is a list that some providers write as a single text.
type oneOrAll []string

// UnmarshalJSON implements json.Unmarshaler.
func (o *oneOrAll) UnmarshalJSON(data []byte) error {
	if one := ""; json.Unmarshal(data, &one) == nil {
		*o = oneOrAll{one} // for null and "" one that is no method
		return nil
	}
	return json.Unmarshal(data, (*[]string)(o))
}
