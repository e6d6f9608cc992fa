// Package centre is the room of service centres (政务服务中心) and their windows (窗口): mission row M16.
//
// For everybody: the page of a centre with its windows, who is stationed there and what can be done on the spot; an appointment (预约)
// without an account; a ticket (取号) at the door; the call screen (叫号屏); and how far the three in-place rules (三到位) are kept.
// For the clerk: calling and serving those who wait. For the manager: stationing (进驻), opening hours, places and rules. For the head of
// a body: what its windows are authorised to do (窗口授权), which the policies ask for at each step of a case.
//
//	/centres, /centres/KEY                   the centres, one centre
//	/centres/KEY/book, /appointments/CODE    an appointment: make, change, cancel
//	/centres/KEY/kiosk, /tickets/CODE        the machine at the door, a ticket and how long it will take
//	/centres/KEY/screen                      the call screen, live
//	/centres/measures                        the three in-place rules, in public
//	/desk/counter                            the clerk's queue
//	/desk/centre, /desk/centre/measures      the manager's and supervisor's pages
//	/desk/authority                          the head's page
//
// Nothing about stationing and authority is overwritten: each change is a [Record] with the day from which it counts, its basis, who
// made it and when. [Book] answers what holds on a day. Opening hours, places and rules are a [Plan], dated likewise.
//
// A place of an appointment is a row with a unique key, so that no two people get it, whatever the engine and however many nodes; a window
// has one ticket at a time by a unique index. Names and telephone numbers are sealed and erased after the days that the plan says.
package centre
