package web

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts what happens at the edges, for Prometheus.
type Metrics struct {
	registry   *prometheus.Registry
	deliveries *prometheus.CounterVec
}

// NewMetrics returns metrics with every counter at zero.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "neo_deliveries_total",
			Help: "Deliveries to the callback, by how they went: accepted, duplicate, or why they were refused.",
		}, []string{"result"}),
	}
	m.registry.MustRegister(m.deliveries, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, result := range []string{"accepted", "duplicate", "method", "key", "replay", "too_large", "body", "unavailable"} {
		m.deliveries.WithLabelValues(result)
	}
	return m
}

func (m *Metrics) delivered(result string) { m.deliveries.WithLabelValues(result).Inc() }

// Handler answers scrapes. It is served on an address of its own (NEO_METRICS_LISTEN).
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
