package config

import (
	"net"
	"net/url"
)

// outside checks how a model outside of the house is to be asked. What is told there
// is not for others to read, so that plain http is for this machine alone.
func (r *configReader) outside() {
	m := r.config.Understanding
	if m.URL == "" {
		if m.Model != "" || m.Key != "" {
			r.blame("understanding.url", "an address such as https://models.example/v1, or no understanding: at all", "there is a model or a key, and nobody to ask")
		}
		return
	}
	if m.Model == "" {
		r.blame("understanding.model", "the name that the model has at that address", "model is missing")
	}
	u, err := url.Parse(m.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		r.blame("understanding.url", "an address such as https://models.example/v1", "this is none")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		r.blame("understanding.url", "the address alone; the key goes in understanding.key", "there is a password, a ? or a # in it")
	case u.Scheme == "http" && !onLoopback(net.JoinHostPort(u.Hostname(), "0")):
		r.blame("understanding.url", "https://, or http:// on this machine alone", "messages would be readable on their way to %s", u.Host)
	}
}
