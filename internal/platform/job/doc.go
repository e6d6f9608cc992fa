// Package job does work in the background that must not be forgotten: sending a mail, telling another system, making a large file.
//
// A job is a row. It is enqueued in the transaction of what makes it necessary, so either both are kept or neither is; from then
// on some node does it, however often programs are killed meanwhile:
//
//	q, err := job.New(job.Options{DB: db, IDs: ids, Now: now, Holder: holder, Log: log})
//	err = q.Register("notify.mail", send, job.Lane{Workers: 4})
//	err = db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
//		…
//		return q.Enqueue(ctx, tx, "notify.mail", message.String(), payload, now())
//	})
//	q.Run(ctx)
//
// # What is promised
//
//   - At least once. A worker takes a job by a lease; when it dies, the lease ends and another one takes the job. So a handler may
//     be called again for what it has done already: it must be idempotent, or what it calls must know [Job.Key].
//   - One job for each kind and key, until it is swept some days after it ended. Enqueueing it again does nothing.
//   - Not before its time, soon after it, in no promised order.
//   - What fails is tried again, later and later (twice the pause each time, up to a limit, a little spread so that not all come
//     back at once). After the last attempt, or at once after an error marked by [Permanent], the job is dead: it is kept, shown by
//     openhall job list with the reason, and begun anew by openhall job retry. A handler that waits for something says [Later],
//     which is no failure.
//
// Each kind has workers of its own, so that a mail server that hangs holds up mail only. What is due is found by an index over open
// jobs; neither what is finished nor what lies in the future costs anything.
//
// Payloads and reasons are read by operators: they hold identifiers, never anything personal.
package job
