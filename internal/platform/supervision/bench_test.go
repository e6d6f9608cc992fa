package supervision_test

import (
	"os"
	"testing"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
)

// BenchmarkCount measures events that the counters read from the log per second: cases of four events, one in eight late.
func BenchmarkCount(b *testing.B) {
	engines := []store.Engine{store.SQLite}
	if os.Getenv(storetest.PostgresEnv) != "" {
		engines = append(engines, store.Postgres)
	}
	for _, engine := range engines {
		b.Run(string(engine), func(b *testing.B) {
			w := newWorld(b, storetest.New(b, engine, schemas...))
			read, kase := 0, int64(0)
			for b.Loop() {
				b.StopTimer()
				for range 128 {
					kase++
					w.event(kase, 2, hefei, casework.Submitted, data{"channel": "online"})
					w.event(kase, 3, hefei, casework.Completed, clocks("decide", "start", 6, 20))
					if kase%8 == 0 {
						w.event(kase, 7, hefei, casework.PromiseMissed, line("decide", 6, 20))
					} else {
						w.event(kase, 4, hefei, casework.Completed, data{"task": "examine", "token": 3})
					}
					w.event(kase, 8, hefei, casework.Completed, data{"ended": "end", "result": "granted"})
				}
				w.sequence()
				b.StartTimer()
				for n := 1; n > 0; read += n {
					var err error
					if n, err = w.log.Catch(b.Context(), supervision.CountConsumer, w.Count); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
