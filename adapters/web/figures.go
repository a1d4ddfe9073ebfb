package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"schoolbel/workflows"
)

// Figures are what Prometheus reads at /metrics. Rooms that may not know this one
// are given its methods by main.
type Figures struct {
	registry   *prometheus.Registry
	log        *slog.Logger
	requests   *prometheus.HistogramVec
	commands   *prometheus.CounterVec
	deliveries *prometheus.CounterVec
	thoughts   *prometheus.CounterVec
}

// NewFigures makes figures with a registry of their own: the global one belongs
// to nobody, and a test could start only one house with it.
func NewFigures(log *slog.Logger) *Figures {
	f := &Figures{
		registry: prometheus.NewRegistry(),
		log:      log,
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "schoolbel_http_request_seconds", Help: "How long requests took, by route and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route", "status"}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "schoolbel_commands_total", Help: "Commands, by action and by what came of them.",
		}, []string{"action", "outcome"}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "schoolbel_deliveries_total", Help: "Messages that were settled, by adapter and state.",
		}, []string{"adapter", "state"}),
		thoughts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "schoolbel_outside_total", Help: "Questions to the outside model, by what came of them.",
		}, []string{"result"}),
	}
	f.registry.MustRegister(f.requests, f.commands, f.deliveries, f.thoughts,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return f
}

// Delivered counts a message that was settled.
func (f *Figures) Delivered(adapter string, state workflows.DeliveryState) {
	f.deliveries.WithLabelValues(adapter, string(state)).Inc()
}

// Thought counts a question to the outside model.
func (f *Figures) Thought(result string) { f.thoughts.WithLabelValues(result).Inc() }

// Requested counts an answer. The route is the pattern, never the address: there
// must be few of them.
func (f *Figures) requested(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	f.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Watch adds a gauge that is read each time Prometheus comes by: how deep a queue
// is, by label. A reading that fails is left out and logged.
func (f *Figures) Watch(name, help, label string, read func(context.Context) (map[string]float64, error)) error {
	return f.registry.Register(&gauge{
		desc: prometheus.NewDesc("schoolbel_"+name, help, []string{label}, nil),
		read: read, log: f.log,
	})
}

type gauge struct {
	desc *prometheus.Desc
	read func(context.Context) (map[string]float64, error)
	log  *slog.Logger
}

// Describe names the gauge.
func (g *gauge) Describe(to chan<- *prometheus.Desc) { to <- g.desc }

// Collect reads it.
func (g *gauge) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	values, err := g.read(ctx)
	if err != nil {
		g.log.Warn("a gauge could not be read", "gauge", g.desc.String(), "error", err)
		return
	}
	for label, value := range values {
		to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, value, label)
	}
}

func (f *Figures) handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(f.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), ErrorHandling: promhttp.ContinueOnError,
	})
}

// Counted is an engine whose commands are counted.
func (f *Figures) Counted(e Engine, processes []*workflows.Process) Engine {
	c := &counted{Engine: e, figures: f}
	for _, p := range processes {
		c.actions = append(c.actions, actionsOf(p)...)
	}
	return c
}

type counted struct {
	Engine
	figures *Figures
	actions []workflows.Action
}

// Do counts what came of the command. An action that nobody declared is counted
// as one, or a stranger could fill our memory with names.
func (c *counted) Do(ctx context.Context, command workflows.Command) (workflows.Outcome, error) {
	outcome, err := c.Engine.Do(ctx, command)
	action := "unknown"
	if slices.Contains(c.actions, command.Action) {
		action = string(command.Action)
	}
	came := "done"
	var refused *workflows.Error
	switch {
	case errors.As(err, &refused):
		came = string(refused.Code)
	case err != nil:
		came = string(failed)
	case outcome.Repeated:
		came = "repeated"
	}
	c.figures.commands.WithLabelValues(action, came).Inc()
	return outcome, err
}
