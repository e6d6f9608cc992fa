// Package desk is the workbench (工作台) of those who handle cases: window clerks (窗口), reviewers (审核) and heads (审批).
//
// It shows to each post its queue, the most urgent case first; the case with its dossier, its history and its clocks; and the form
// of the step that is to be done. When a step is handed in, the next case of the queue opens. A clerk receives applications at the
// counter here, for people who come in person.
//
// The desk knows nothing of kinds of cases. What a step asks for is the form that its procedure names; what each outcome leads to
// is found by stepping the procedure on a copy of the case ([Service.Preview]), so that the page can say before it is handed in
// that the clock will stand still, which notice goes out and who is next. What an application asked for comes through [Matters].
//
// Every change is one command to casework, which asks the policy. Reading asks [casework.Runtime.MayRead]; personal data is opened
// only for those whom the policy lets.
package desk
