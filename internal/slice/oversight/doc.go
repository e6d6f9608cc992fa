// Package oversight answers what electronic supervision (电子监察) finds, and follows up what supervisors order: for supervisors, and for
// the bodies that have to explain or answer.
//
// A card (监察卡片) that has to be explained becomes a case of the kind oversight-card by itself ([Service.OpenCases]), exactly once:
// whoever has the role that the rule names explains within the rule's term; a supervisor of the division or above verifies (核查) and
// concludes: upheld (属实), excused (免责) or wrong (误报). What is upheld is accounted for (追责): measures from criticism to a transfer to the
// discipline authority. Who did a step of the case in question, or explained it, does not verify it. The case names its card; package
// supervision follows it in the log and writes on the card how far it has come. What is excused or was wrong leaves the figures.
//
// A supervise order (督办) is a case of the kind oversight-order: a supervisor tells a body of the division, or supervision below, what to
// do about a case, a card or a matter in words, and until when; the head, or the supervisor below, answers; who issued it accepts the
// answer or sends it back.
//
// Explanations, reasons and answers are sealed; the log shows outcomes, grounds and measures, each of a closed list.
//
//	/oversight                 what waits for a supervisor; the cards of the own body for others
//	/oversight/cards           cards with their state; one card with its rule, event, proof, clocks, and the step to do
//	/oversight/orders          orders issued and addressed; /new issues one
package oversight
