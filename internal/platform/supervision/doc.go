// Package supervision is electronic supervision (电子监察): what is about to be due, past its promise or past the statute is found
// by itself, counted where it happened, and stands on a supervisor's page until it is over.
//
// It follows the log ([Supervision.Run]) and writes nothing but what follows from events, in the transaction that moves its
// cursor, so that no event is counted twice or left out:
//
//   - Cards (监察卡片). A [Rule] watches one kind of event: a line about to pass is a reminder (提醒), a missed promise a yellow card
//     (黄牌), a missed statute a red card (红牌), a step over its own time an overtime card (超时). A card closes when the case ends,
//     its clock stops or its line moves away.
//   - Counts by division, body, item and day ([Supervision.Counts], [Supervision.Board]), kept by increments and never by scanning
//     cases. [Supervision.Recount] counts the whole log again and names every difference.
//
// [Supervision.Due] lists open cases by the instants that casework keeps in an index.
//
// Rules are data (rules.yaml): which event, which colour, whose role has to explain.
package supervision
