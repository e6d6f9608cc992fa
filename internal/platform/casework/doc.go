// Package casework is the case runtime: the one way in which anything happens to a case.
//
// A case (办件) is one exercise of public power. It runs a published procedure ([procedure.Definition]) on statutory clocks
// ([term.Term]); each step is an event that is never changed and that package ledger puts into the public log.
//
// [Runtime.Do] takes a [Command] and, in one transaction: loads and locks the case, asks the policy, steps the procedure, moves
// the clocks, gives the slice its turn, appends the events and arms the next wake-up. Most commands are decided before their turn
// comes, by their callers side by side; the one writer then only makes sure that the case has not moved, and decides anew if it
// has. A command that was accepted is on disk when Do returns, is carried out once however often it is sent, and is answered by a
// [Receipt]. A command that is refused changes nothing; the [Refusal] says which rule stands against it and what to do.
//
// What falls due is noticed by itself: every case carries one instant, wake_at, at which a timer of its procedure fires or one of
// its lines is crossed. [Runtime.Wake] finds due cases by an index, in time proportional to what is due.
//
//	command → Do → store (one transaction) → event → log → supervision, publication, notices
//
// Nothing here knows what a case is about. A slice registers a [Kind].
package casework
