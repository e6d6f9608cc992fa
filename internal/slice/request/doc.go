// Package request is the slice of requests for information (依申请公开): anybody asks a body for what it holds, and gets one of the closed
// list of replies in the time of the law (政府信息公开条例 arts. 27–45; before 2019-05-15 arts. 20–28 of the text of 2007).
//
// A request comes over the web, is handed in at a window, or comes by post or fax and is entered by the disclosure office; it may be made
// by an agent. It is a case of the kind [KindName]: it runs the procedure that the law of its day wants ("request", or "request-2008"
// before the revision), on the clock of art. 33, and ends in exactly one outcome ([Service.Outcomes]) or withdrawn.
//
// Who asks stands in none of it. [Asker] is sealed in a table of its own under a random number; the case, the log and the public register
// hold only what kind of asker it was, for the annual report. Only the disclosure office that handles the request sees the asker, who
// follows it by number and query code, and the row is erased when its term is over ([Service.Erase]): nothing in the log depends on it.
//
// Before a reply is drafted the checklists of the law's grounds are gone through ([Service.Checklists]), and it is on record who ticked what. The
// processing fee stands before the reply, the costs of the regulations of 2007 after it ([Service.Fee], [Service.Fees]).
//
// Approved catalogues and each month's replies are published by a job ([Service.PublishRegularly]); the next catalogue is a duty of the body.
//
// What is recorded is counted as it happens: [Service.Figures] are table 3 of the annual report, [Service.DisputeFigures] table 4.
// Reconsiderations and suits about a reply are cases of the kind [DisputeKind]; a body's catalogue of what can be asked for is handed in
// and approved as a case of the kind [CatalogueKind].
//
//	/open/apply, /open/apply/BODY       choosing a body; asking, in three steps and a check of the answers
//	/open/requests                      the register of answered requests; never the askers
//	/open/requests/NUMBER               one entry of it
//	/open/requests/NUMBER/CODE          where a request stands, for whoever holds its query code (/track leads there)
//	/open/catalogue, /open/catalogue/BODY   what can be asked for
//	/me/requests                        the requests of whoever is signed in
//	/open/office, …/new, …/catalogue, …/figures, …/NUMBER   the disclosure office
package request
