package observe

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// Check is one thing that must hold for a node to be ready.
type Check struct {
	Name string
	Run  func(ctx context.Context) error
}

const (
	checkTime = 3 * time.Second  // for all checks together
	maxLag    = 60 * time.Second // how long an event may wait for its place in the log
)

// Database checks that the database answers.
func Database(db interface {
	Ping(ctx context.Context) error
}) Check {
	return Check{Name: "database", Run: db.Ping}
}

// Lag checks that events don't wait longer than a minute for their place in the log; read tells how long the oldest waits.
func Lag(read func(ctx context.Context) (time.Duration, error)) Check {
	return Check{Name: "log", Run: func(ctx context.Context) error {
		lag, err := read(ctx)
		if err == nil && lag > maxLag {
			err = fmt.Errorf("the oldest event has been waiting for its place in the log for %s, at most %s is right: see whether a node sequences", lag, maxLag)
		}
		return err
	}}
}

// Live answers that the program lives.
func Live() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte("ok\n")) // the client has gone
	})
}

// Ready answers 200 when all checks hold, else 503. The body names each check; the reason for a failure goes to the log only.
func Ready(log *slog.Logger, checks ...Check) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), checkTime)
		defer cancel()
		answer := struct {
			Ready  bool              `json:"ready"`
			Checks map[string]string `json:"checks"`
		}{true, map[string]string{}}
		status := http.StatusOK
		for _, c := range checks {
			answer.Checks[c.Name] = "ok"
			if err := c.Run(ctx); err != nil {
				answer.Ready, answer.Checks[c.Name], status = false, "failed", http.StatusServiceUnavailable
				log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.String("check", c.Name), slog.String("error", err.Error()))
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer) // the client has gone
	})
}
