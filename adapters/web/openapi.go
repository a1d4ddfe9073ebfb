package web

import (
	"encoding/json"
	"slices"

	"schoolbel/workflows"
)

// node is a piece of the description. Maps are written with sorted keys, so the
// description is the same each time.
type node = map[string]any

// describe writes OpenAPI 3.1 from the processes' tables: a new action or
// argument stands here without anybody writing it down.
func describe(processes []*workflows.Process) []byte {
	text, err := json.MarshalIndent(node{
		"openapi": "3.1.0",
		"info": node{
			"title": "schoolbel", "version": "1",
			"description": "Records of the school's ICT and the one door through which they change.",
			"license":     node{"name": "Apache 2.0", "identifier": "Apache-2.0"},
		},
		"servers":  []any{node{"url": "/"}},
		"security": []any{node{"token": []any{}}},
		"tags":     []any{node{"name": "records"}, node{"name": "commands"}, node{"name": "about"}},
		"paths":    paths(processes),
		"components": node{
			"securitySchemes": node{"token": node{
				"type": "http", "scheme": "bearer", "description": "A token of the configuration, under api.tokens.",
			}},
			"schemas":   schemas(processes),
			"responses": node{"Error": answer("What went wrong, in the language of Accept-Language.", "Error")},
			"parameters": node{
				"Language": node{
					"name": "Accept-Language", "in": "header", "schema": node{"type": "string", "examples": []any{"nl", "en"}},
					"description": "The language of messages and labels.",
				},
			},
		},
	}, "", "  ")
	if err != nil {
		panic(err) // strings and maps always have a JSON form
	}
	return append(text, '\n')
}

func paths(processes []*workflows.Process) node {
	return node{
		"/api/v1/records": node{"get": node{
			"operationId": "listRecords", "tags": []any{"records"}, "summary": "Records that fit, newest first",
			"parameters": []any{
				choice("kind", "Only of these kinds", kinds(processes)),
				choice("state", "Only in these states", states(processes)),
				choice("service", "Only about these services (keys of the school file)", nil),
				choice("location", "Only at these locations (keys of the school file)", nil),
				query("open", "true: only what still asks for something", node{"type": "boolean", "default": false}),
				query("q", "Words in the title", node{"type": "string"}),
				query("limit", "How many at most; more than 200 counts as 200", node{"type": "integer", "minimum": 1, "maximum": most, "default": 50}),
				query("after", "The cursor in next of the page before", node{"type": "string"}),
				query("as", "List what this person may know of instead of the token: a sensitive record is there for its reporters, its owner and the officers", node{"type": "string"}),
				ref("parameters", "Language"),
			},
			"responses": responses(answer("A page of records", "Page"), "401", "422"),
		}},
		"/api/v1/records/{ref}": node{"get": node{
			"operationId": "readRecord", "tags": []any{"records"}, "summary": "One record with its links, its log and what may be done now",
			"parameters": []any{
				node{"name": "ref", "in": "path", "required": true, "schema": ref("schemas", "Ref")},
				query("as", "Show the moves of this person instead of the token's own", node{"type": "string"}),
				ref("parameters", "Language"),
			},
			"responses": responses(answer("The record", "Record"), "401", "404", "422"),
		}},
		"/api/v1/commands": node{"post": node{
			"operationId": "doCommand", "tags": []any{"commands"}, "summary": "Do one action: the same door that chat uses",
			"description": "The token's name and the person in `as` stand in the log. Without `as` the token acts by itself, with the rights of ICT staff.",
			"parameters": []any{
				node{
					"name": "Idempotency-Key", "in": "header", "schema": node{"type": "string", "maxLength": keyLimit},
					"description": "Makes the command once only: the same key with the same token changes nothing again and gives the same record.",
				},
				ref("parameters", "Language"),
			},
			"requestBody": node{"required": true, "content": node{"application/json": node{"schema": ref("schemas", "Command")}}},
			"responses":   responses(answer("It is done", "Outcome"), "400", "401", "403", "404", "409", "413", "422"),
		}},
		"/api/v1/openapi.json": node{"get": node{
			"operationId": "describe", "tags": []any{"about"}, "summary": "This description, for everyone: it tells nothing of the school",
			"security": []any{},
			"responses": responses(node{
				"description": "OpenAPI 3.1", "content": node{"application/json": node{"schema": node{"type": "object"}}},
			}),
		}},
	}
}

func ref(part, name string) node { return node{"$ref": "#/components/" + part + "/" + name} }

func query(name, what string, schema node) node {
	return node{"name": name, "in": "query", "description": what, "schema": schema}
}

// choice is a parameter that takes several values, with commas or repeated.
func choice(name, what string, values []string) node {
	item := node{"type": "string"}
	if values != nil {
		item["enum"] = values
	}
	return query(name, what, node{"type": "array", "items": item})
}

func answer(what, schema string) node {
	return node{"description": what, "content": node{"application/json": node{"schema": ref("schemas", schema)}}}
}

func responses(good node, errors ...string) node {
	all := node{"200": good, "default": ref("responses", "Error")}
	for _, status := range errors {
		all[status] = ref("responses", "Error")
	}
	return all
}

func kinds(processes []*workflows.Process) []string {
	var names []string
	for _, p := range processes {
		names = append(names, string(p.Kind))
	}
	return names
}

// states lists every state of every kind once.
func states(processes []*workflows.Process) []string {
	var names []string
	for _, p := range processes {
		for _, s := range p.States() {
			names = append(names, string(s))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
