package console

import (
	"embed"
	"net/http"
	"path"
)

//go:embed page texts
var files embed.FS

// kinds are what the page is made of. Whatever else is asked is not there.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".json": "application/json; charset=utf-8",
}

func (c *Console) page(file string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(w, r, "page/"+file) })
}

func (c *Console) asset() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(w, r, "page/"+r.PathValue("file")) })
}

func (c *Console) words() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(w, r, "texts/"+r.PathValue("file")) })
}

func serve(w http.ResponseWriter, r *http.Request, file string) {
	text, err := files.ReadFile(file)
	kind, known := kinds[path.Ext(file)]
	if err != nil || !known {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(text) // the page is gone, or it hears us
}
