package ledger_test

import (
	"os"
	"testing"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// BenchmarkSequence measures events given their places per second, durable, in rounds of 1,024.
func BenchmarkSequence(b *testing.B) {
	engines := []store.Engine{store.SQLite}
	if os.Getenv(storetest.PostgresEnv) != "" {
		engines = append(engines, store.Postgres)
	}
	for _, engine := range engines {
		b.Run(string(engine), func(b *testing.B) {
			db := storetest.New(b, engine, schemas...)
			l := open(b, db, newKey(b), "a")
			next, placed := int64(1), 0
			for b.Loop() {
				b.StopTimer()
				for range 8 {
					insert(b, db, cases(next, 256)...)
					next += 1024
				}
				b.StartTimer()
				placed += sequence(b, l)
			}
			b.ReportMetric(float64(placed)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
