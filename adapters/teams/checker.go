package teams

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/infracloudio/msbotbuilder-go/connector/auth"
	"github.com/infracloudio/msbotbuilder-go/schema"
)

const (
	skew    = 5 * time.Minute // clocks differ; Microsoft asks for so much
	channel = "msteams"
)

// algorithms that a token may be signed with. "none" is no signature, and with HS256
// anybody could sign with our public keys.
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512}

// denied says why a request is not let in, and with which status.
type denied struct {
	status int
	why    string
}

func (d *denied) Error() string { return d.why }

// checker is our auth.TokenValidator: it lets in what Microsoft signed for our bot.
type checker struct {
	cfg  settings
	now  func() time.Time
	keys *keys
}

var _ auth.TokenValidator = (*checker)(nil)

// bad is a token that says nothing; foreign one that is good and not for this.
func bad(why string, args ...any) error {
	return &denied{http.StatusUnauthorized, fmt.Sprintf(why, args...)}
}

func foreign(why string, args ...any) error {
	return &denied{http.StatusForbidden, fmt.Sprintf(why, args...)}
}

// AuthenticateRequest checks the token that an activity came with. What it returns
// is of no use to us; the library wants it.
func (c *checker) AuthenticateRequest(ctx context.Context, a schema.Activity, header string, _ auth.CredentialProvider, _ string) (auth.ClaimsIdentity, error) {
	raw, ok := bearer(header)
	if !ok {
		return nil, bad("no bearer token")
	}
	token, err := jwt.ParseSigned(raw, algorithms)
	if err != nil {
		return nil, bad("not a token signed by RS256: %v", err)
	}
	if len(token.Headers) != 1 || token.Headers[0].KeyID == "" {
		return nil, bad("the token does not name its key")
	}
	key, err := c.keys.find(ctx, token.Headers[0].KeyID)
	switch {
	case errors.Is(err, errNoKeys):
		return nil, &denied{http.StatusServiceUnavailable, err.Error()}
	case err != nil:
		return nil, bad("the token's key %.80q is none of Microsoft's", token.Headers[0].KeyID)
	}
	var said jwt.Claims
	var more struct {
		Service string `json:"serviceurl"`
	}
	if err := token.Claims(key.public, &said, &more); err != nil {
		return nil, bad("the signature is not right: %v", err)
	}
	if said.Expiry == nil || said.NotBefore == nil {
		return nil, bad("the token has no exp or no nbf")
	}
	if err := said.ValidateWithLeeway(jwt.Expected{Issuer: c.cfg.issuer, Time: c.now()}, skew); err != nil {
		return nil, bad("%v", err)
	}
	switch {
	case c.cfg.AppID == "" || !said.Audience.Contains(c.cfg.AppID):
		return nil, foreign("the token is for %.80q", []string(said.Audience))
	case a.ChannelID != channel:
		return nil, foreign("the channel is %.80q", a.ChannelID)
	case !slices.Contains(key.endorses, a.ChannelID):
		return nil, foreign("the token's key does not vouch for %s", a.ChannelID)
	case more.Service == "" || more.Service != a.ServiceURL:
		return nil, foreign("the token is for the service %.200q", more.Service)
	}
	return auth.NewClaimIdentity(map[string]any{auth.AudienceClaim: c.cfg.AppID, auth.ServiceURLClaim: more.Service}, true), nil
}

// bearer takes the token out of the header.
func bearer(header string) (string, bool) {
	scheme, token, ok := strings.Cut(strings.TrimSpace(header), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer") && token != ""
}
