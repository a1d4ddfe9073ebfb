package main

import (
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"schoolbel/bot/lang"
	"schoolbel/config"
	"schoolbel/store"
	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// sheet is what a report says of one kind of record: figures, and a row of evidence for
// each record. Another kind adds a sheet to sheets, and every format shows it.
type sheet struct {
	Kind    workflows.Kind
	Figures []cell
	Columns []string // names of columns; their words are report.column.NAME
	Rows    [][]string
}

// cell is one figure: a number, or a share from 0 to 1.
type cell struct {
	Name  string
	Value float64
	Share bool
}

// period is what a report is about; To is the first moment after it.
type period struct{ From, To time.Time }

// reader is what sheets are made from.
type reader struct {
	workflows.Reader
	school *school.School
	now    time.Time
}

// sheets are the parts of a report.
var sheets = []func(context.Context, reader, period) (sheet, error){changeSheet}

// reportCommand is schoolbel report.
func reportCommand(load func() (*config.Config, error), std Streams) *cobra.Command {
	var from, to, format string
	cmd := &cobra.Command{
		Use: "report", Short: "Write the figures and the evidence of a period", Args: none,
		Long: "Writes the figures of a period, and for each record who asked, assessed, agreed, did and tested.\nBoth days count: schoolbel report --from 2026-11-01 --to 2026-11-30 --format html > november.html",
		RunE: func(cmd *cobra.Command, _ []string) error {
			write, known := formats[format]
			if !known {
				return usage{fmt.Errorf("--format is html, json or csv, not %q", format)}
			}
			cfg, err := load()
			if err != nil {
				return err
			}
			sch, err := config.School(cfg.School)
			if err != nil {
				return err
			}
			p, err := readPeriod(from, to, sch.Organisation.Zone)
			if err != nil {
				return usage{err}
			}
			return report(cmd.Context(), cfg, sch, p, write, std)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "first day, such as 2026-11-01")
	cmd.Flags().StringVar(&to, "to", "", "last day, such as 2026-11-30")
	cmd.Flags().StringVar(&format, "format", "html", "html, json or csv")
	return cmd
}

func readPeriod(from, to string, zone *time.Location) (period, error) {
	var p period
	for name, day := range map[string]struct {
		text string
		into *time.Time
	}{"--from": {from, &p.From}, "--to": {to, &p.To}} {
		at, err := time.ParseInLocation(time.DateOnly, day.text, zone)
		if err != nil {
			return p, fmt.Errorf("%s is a day such as 2026-11-01, not %q", name, day.text)
		}
		*day.into = at
	}
	p.To = p.To.AddDate(0, 0, 1)
	if !p.To.After(p.From) {
		return p, fmt.Errorf("--to comes before --from")
	}
	return p, nil
}

func report(ctx context.Context, cfg *config.Config, sch *school.School, p period, write writer, std Streams) error {
	db, err := store.Open(ctx, cfg.Database.URL.Reveal(), store.Options{ReadOnly: true, Log: logger(cfg, std.Err)})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // it was only read
	book, err := texts()
	if err != nil {
		return err
	}
	var made []sheet
	for _, make := range sheets {
		s, err := make(ctx, reader{db, sch, time.Now()}, p)
		if err != nil {
			return err
		}
		made = append(made, s)
	}
	return write(std.Out, page{sch.Organisation.Name, sch.Organisation.Locale, p, made, book})
}

// page is a report on its way to a format.
type page struct {
	Organisation, Lang string
	Period             period
	Sheets             []sheet
	book               *lang.Book
}

type writer func(io.Writer, page) error

var formats = map[string]writer{"json": writeJSON, "csv": writeCSV, "html": writeHTML}

// last is the last day of the period.
func (p page) last() string { return p.Period.To.AddDate(0, 0, -1).Format(time.DateOnly) }

// writeJSON writes {"from","to","organisation","change":{"figures":{…},"records":[{…}]}}.
func writeJSON(w io.Writer, p page) error {
	out := map[string]any{"from": p.Period.From.Format(time.DateOnly), "to": p.last(), "organisation": p.Organisation}
	for _, s := range p.Sheets {
		figures, records := map[string]float64{}, []map[string]string{}
		for _, f := range s.Figures {
			figures[f.Name] = f.Value
		}
		for _, row := range s.Rows {
			record := map[string]string{}
			for i, column := range s.Columns {
				record[column] = row[i]
			}
			records = append(records, record)
		}
		out[string(s.Kind)] = map[string]any{"figures": figures, "records": records}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// writeCSV writes one value a line: kind, reference (none for a figure), name, value.
// So every kind fits in one table.
func writeCSV(w io.Writer, p page) error {
	out := csv.NewWriter(w)
	put := func(fields ...string) {
		for i, f := range fields {
			fields[i] = harmless(f)
		}
		_ = out.Write(fields) // Error below tells of it
	}
	put("kind", "ref", "name", "value")
	for _, s := range p.Sheets {
		for _, f := range s.Figures {
			put(string(s.Kind), "", f.Name, strconv.FormatFloat(f.Value, 'g', 4, 64))
		}
		for _, row := range s.Rows {
			for i, column := range s.Columns {
				if i > 0 && row[i] != "" {
					put(string(s.Kind), row[0], column, row[i])
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// harmless keeps a spreadsheet from taking what somebody wrote for a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

//go:embed report.html
var reportHTML string

func writeHTML(w io.Writer, p page) error {
	say := func(key string, args ...any) string { return p.book.Say(p.Lang, key, args...) }
	t, err := template.New("report").Funcs(template.FuncMap{
		"say":    say,
		"figure": func(s sheet, c cell) string { return say("report." + string(s.Kind) + "." + c.Name) },
		"column": func(name string) string { return say("report.column." + name) },
		"value": func(c cell) string {
			if c.Share {
				return strconv.Itoa(int(c.Value*100+0.5)) + "%"
			}
			return strconv.FormatFloat(c.Value, 'f', -1, 64)
		},
		"last": p.last,
	}).Parse(reportHTML)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return t.Execute(w, p)
}
