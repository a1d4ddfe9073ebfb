package understand

import (
	"embed"
	"encoding/json"
	"strings"
	"sync"
)

//go:embed nl.json en.json
var reasonFiles embed.FS

// reasons are the texts of Why, by language and key.
var reasons = sync.OnceValue(func() map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, lang := range []string{"nl", "en"} {
		data, err := reasonFiles.ReadFile(lang + ".json")
		if err != nil {
			panic(err) // an embedded file that is not there: the program was built wrong
		}
		texts := map[string]string{}
		if err := json.Unmarshal(data, &texts); err != nil {
			panic(err)
		}
		out[lang] = texts
	}
	return out
})

// reason says why in the writer's language.
func reason(lang, key, arg string) string {
	return strings.ReplaceAll(reasons()[lang]["understand.why."+key], "{0}", arg)
}
