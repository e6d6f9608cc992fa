// Package supervision is electronic supervision (电子监察): what is about to be due, past its promise or past the statute is found
// by itself, counted where it happened, and stands on a supervisor's page until it is over.
//
// It follows the log ([Supervision.Run]) and writes nothing but what follows from events, in the transaction that moves its
// cursor, so that no event is counted twice or left out:
//
//   - Cards (监察卡片). A [Rule] watches kinds of events: a line about to pass is a reminder (提醒), a missed promise a yellow card
//     (黄牌), a missed statute a red card (红牌), a step over its own time an overtime card (超时); what breaks a rule of conduct (no
//     slip, no reasons, a fee off the schedule, …) is irregular (异常). A card about a line closes when the case ends, its clock stops
//     or its line moves away; an irregular one when it has been verified.
//   - Answers. A card that has to be explained becomes a case of its own, opened by whoever asks [Supervision.Asked]. That case names
//     the card ([Reference]); supervision follows it in the log, and writes on the card how far it has come and what it concluded. A
//     card that is excused or was wrong is taken off where it was counted.
//   - Counts by division, body, item, window, kind and day ([Supervision.Counts], [Supervision.Rows]), kept by increments and never by
//     scanning cases: received, ended, granted, ratings, working time with and without pauses. They follow the log by a cursor of
//     their own. [Supervision.Recount] counts the whole log again and names every difference; [Supervision.Repair] mends them.
//   - What it knows of each case from its events ([Record]): the lists behind the numbers ([Supervision.Cases]) are read from there, so
//     that a number and its list never differ.
//
// [Supervision.Due] lists open cases by the instants that casework keeps in an index.
//
// Rules are data, in layers by jurisdiction ([Load]; rules/supervision): which events, what measure (an expression over the public part
// of the event and what is remembered of its case), which colour, who has to explain, until when, and where that stands.
package supervision
