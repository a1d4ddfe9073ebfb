package teams

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
)

// settings are the keys of adapters.teams.
type settings struct {
	AppID, TenantID     string
	AppSecret           secret
	Cloud               string
	TokenURL, OpenIDURL string
	ServiceURL          string // where to call before Teams told us
	Rooms               string // the channel in which a room is made, as a thread
	InsecureLocal       bool   // no authentication at all: for Microsoft's playground on this machine
	issuer, scope       string
}

// secret is never written.
type secret string

func (s secret) reveal() string             { return string(s) }
func (s secret) String() string             { return "…" }
func (s secret) GoString() string           { return "…" }
func (s secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("…")) }

// cloud is one of Microsoft's: each has its own gate for bots.
type cloud struct{ issuer, scope, login, openid, service string }

// playground is where Microsoft's playground is called by itself.
const playground = "http://127.0.0.1:56150/_connector/"

const publicService = "https://smba.trafficmanager.net/teams/"

// clouds by the name that the configuration gives them. GCC logs in as everybody
// does; its Teams stands elsewhere.
var clouds = map[string]cloud{
	"public": {
		"https://api.botframework.com", "https://api.botframework.com/.default", "https://login.microsoftonline.com/",
		"https://login.botframework.com/v1/.well-known/openidconfiguration", publicService,
	},
	"gcc": {
		"https://api.botframework.com", "https://api.botframework.com/.default", "https://login.microsoftonline.com/",
		"https://login.botframework.com/v1/.well-known/openidconfiguration", "https://smba.infra.gcc.teams.microsoft.com/gcc/",
	},
	"gcc_high": {
		"https://api.botframework.us", "https://api.botframework.us/.default", "https://login.microsoftonline.us/",
		"https://login.botframework.azure.us/v1/.well-known/openidconfiguration", "https://smba.infra.gov.teams.microsoft.us/gcch/",
	},
	"dod": {
		"https://api.botframework.us", "https://api.botframework.us/.default", "https://login.microsoftonline.us/",
		"https://login.botframework.azure.us/v1/.well-known/openidconfiguration", "https://smba.infra.dod.teams.microsoft.us/dod/",
	},
	"china": {
		"https://api.botframework.azure.cn", "https://api.botframework.azure.cn/.default", "https://login.partner.microsoftonline.cn/",
		"https://login.botframework.azure.cn/v1/.well-known/openidconfiguration", "https://frontend.botapi.msg.infra.teams.microsoftonline.cn/",
	},
}

// read takes the section apart and says what is missing and how to mend it.
func read(section yaml.Node, kit adapters.Kit) (settings, error) {
	given := map[string]string{}
	if !section.IsZero() {
		if err := section.Decode(&given); err != nil {
			return settings{}, fmt.Errorf("read the section: %w", err)
		}
	}
	names := []string{"app_id", "app_secret", "tenant_id", "cloud", "token_url", "openid_url", "service_url", "rooms", "insecure_local"}
	var wrong []error
	failed := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(names, name) {
			wrong = append(wrong, fmt.Errorf("%s: there is no such key; there are: %s", name, strings.Join(names, ", ")))
			continue
		}
		if kit.Expand == nil {
			continue
		}
		value, err := kit.Expand(given[name])
		if err != nil {
			failed[name] = true
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
		}
		given[name] = strings.TrimSpace(value)
	}
	cfg := settings{
		AppID: given["app_id"], AppSecret: secret(given["app_secret"]), TenantID: given["tenant_id"], Cloud: orElse(given["cloud"], "public"),
		TokenURL: given["token_url"], OpenIDURL: given["openid_url"], ServiceURL: given["service_url"],
		Rooms: strings.TrimPrefix(given["rooms"], Name+":"),
	}
	switch given["insecure_local"] {
	case "", "false":
	case "true":
		cfg.InsecureLocal = true
		if !loopbackURL(kit.PublicURL) && kit.PublicURL != "" {
			wrong = append(wrong, fmt.Errorf("insecure_local: only for Microsoft's playground on this machine, and http.public_url is %s; take it away, or set public_url to http://127.0.0.1:8080", kit.PublicURL))
		}
	default:
		wrong = append(wrong, fmt.Errorf("insecure_local: must be true or false, not %q", given["insecure_local"]))
	}
	return cfg, errors.Join(append(wrong, cfg.complete(failed)...)...)
}

// complete fills in what follows from the rest, and says what is missing.
func (c *settings) complete(failed map[string]bool) []error {
	var wrong []error
	missing := func(name, value, mend string) {
		if value == "" && !failed[name] && !c.InsecureLocal {
			wrong = append(wrong, fmt.Errorf("%s: missing; %s", name, mend))
		}
	}
	missing("app_id", c.AppID, `in the Azure portal open your Azure Bot, "Configuration", and copy the Microsoft App ID`)
	missing("app_secret", c.AppSecret.reveal(), `in the Azure portal open the bot's app registration, "Certificates & secrets", make a client secret and copy its value`)
	missing("tenant_id", c.TenantID, `copy the App Tenant ID of your Azure Bot, "Configuration"; nobody outside of that tenant may talk with the bot`)
	cloud, known := clouds[c.Cloud]
	if !known {
		return append(wrong, fmt.Errorf("cloud: there is no %q; there are: %s", c.Cloud, strings.Join(slices.Sorted(maps.Keys(clouds)), ", ")))
	}
	c.issuer, c.scope = cloud.issuer, cloud.scope
	c.TokenURL = orElse(c.TokenURL, cloud.login+url.PathEscape(c.TenantID)+"/oauth2/v2.0/token")
	c.OpenIDURL = orElse(c.OpenIDURL, cloud.openid)
	c.ServiceURL = orElse(c.ServiceURL, cloud.service)
	if c.InsecureLocal && c.ServiceURL == cloud.service {
		c.ServiceURL = playground
	}
	for _, key := range []struct{ name, address string }{{"token_url", c.TokenURL}, {"openid_url", c.OpenIDURL}, {"service_url", c.ServiceURL}} {
		if !failed[key.name] && !secure(key.address) && !loopbackURL(key.address) {
			wrong = append(wrong, fmt.Errorf("%s: %q must be an https address (http only on 127.0.0.1)", key.name, key.address))
		}
	}
	return wrong
}

// local tells whether everything that vouches for Teams stands on this machine: then
// so may Teams itself, a stand-in for tests.
func (c *settings) local() bool { return c.InsecureLocal || loopbackURL(c.OpenIDURL) }

// mayCall tells whether an address that came from outside may be called with our
// token. Only a stand-in for Teams on this machine does without https.
func (c *settings) mayCall(address string) bool {
	if c.InsecureLocal {
		return loopbackURL(address)
	}
	return secure(address) || c.local() && loopbackURL(address)
}

func secure(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

// loopbackURL tells whether an address is of this machine alone.
func loopbackURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && loopback(u.Host)
}

// loopback tells whether a host, with or without a port, is this machine.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

func orElse(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}
