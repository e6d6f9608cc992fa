package main

import (
	"context"

	"openhall.org/openhall/internal/platform/api/observe"
	"openhall.org/openhall/internal/platform/job"
)

// jobGauges are the figures of the background work.
func (p *program) jobGauges() []observe.Gauge {
	gauge := func(name, help string, of func(job.Stats) float64) observe.Gauge {
		return observe.Gauge{Name: name, Help: help, Read: func(ctx context.Context) (float64, error) {
			s, err := p.Jobs.Stats(ctx)
			return of(s), err
		}}
	}
	return []observe.Gauge{
		gauge("openhall_jobs_due", "Background jobs that could be done now, up to 10,000 of each kind.", func(s job.Stats) float64 { return float64(s.Due) }),
		gauge("openhall_jobs_oldest_seconds", "How long the oldest of them has been waiting.", func(s job.Stats) float64 { return s.Oldest.Seconds() }),
		gauge("openhall_jobs_dead", "Background jobs given up, until they are retried or swept; see openhall job list.", func(s job.Stats) float64 { return float64(s.Dead) }),
		gauge("openhall_jobs_failures", "Attempts that failed since the program began.", func(s job.Stats) float64 { return float64(s.Failures) }),
	}
}
