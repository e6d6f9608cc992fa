// Package procedure runs the published procedures (办事流程) of matters: BPMN 2.0 diagrams, read, checked and executed exactly.
//
// A procedure is a BPMN 2.0 XML file, drawn with any modeller (Camunda Modeler, bpmn.io) and kept whole: [Parse] compiles the
// processes into a [Definition], and [Definition.Marshal] gives the same document back, with its diagram and with the
// extensions of other tools. An element of BPMN that is not executed here is an error that names it and its line, never
// something passed over in silence.
//
// The engine is one pure function:
//
//	state, effects, err := engine.Step(definition, state, input, now)
//
// The state is small and serialises as JSON with the case. An input is what happened: somebody started the case, a person did
// a task, a message came, a timer fell due. The effects say what the host has to do: open a task for a role, arm a timer,
// start or stop a statutory clock, make a document, publish. The same inputs at the same instants give the same state and the
// same effects on any machine and any day; so a case can be replayed, simulated, mined and audited. A refused step changes
// nothing.
//
// How a diagram runs, where BPMN leaves room:
//
//   - Conditions and collections are FEEL (package feel); the wrappers ${…}, #{…} and a leading = of other tools are accepted.
//   - Variables belong to the case. A sub-process sees and sets them. A called process sees the variables of its caller; what
//     it sets becomes the caller's when it ends. An instance of a multi-instance activity has its item and loopCounter
//     (counted from 0) to itself, and the counters nrOfInstances, nrOfActiveInstances, nrOfCompletedInstances of its activity.
//   - Durations are ISO 8601 and calendar time; years and months are counted in Asia/Shanghai (民法典 art. 202). Working days
//     and statutory terms are the host's: see [Engine.Due].
//   - A message reaches the token that has waited longest; a signal reaches all who wait.
//   - An inclusive join waits until no other token can still reach it (BPMN 2.0, § 13.4.3).
//
// What BPMN lacks stands in our namespace, https://openhall.org/schema/procedure/1, usually with the prefix openhall:
//
//	<lane openhall:role="reviewer">                          who does the tasks of a lane
//	<openhall:title zh-Hant="審查" en="Review"/>              titles beside the name, which is Simplified Chinese
//	<openhall:term rule="licence.accept.correction"/>        the term of the step, or length="5" unit="working-day" basis="…"
//	<openhall:clock name="decide" action="pause" on="enter"
//	    rule="licence.decide" ground="licence.pause.hearing" when="hearing = true"/>
//	<openhall:form key="review"/>                            the form to fill in
//	<openhall:document kind="acceptance-slip" on="leave"/>   the document to make
//	<openhall:publish standard="licence-decision"/>          what becomes public
//	<openhall:assign to="head"/>                             who does this task, over its lane
//	<openhall:status value="accepted" on="enter"/>           the status of the case that the public sees
//	<openhall:separate from="review"/>                       not the same person as did that task (four eyes)
//	<timerEventDefinition openhall:rule="…">                 due by a rule of the law
//	<timeDuration openhall:unit="working-day">P5D</…>        due after working days
//	openhall:collection, openhall:elementVariable            of multiInstanceLoopCharacteristics
//
// [Check] reads a definition as an examiner would: what cannot be reached, what cannot end, a task without a lane, a task of
// the authority without a term. It explores the reachable states with the engine itself, taking every outcome of every
// condition.
package procedure
