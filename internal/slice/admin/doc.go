// Package admin holds the pages by which a hall is run without a line of code: those of the system administrator (系统管理员) and of the
// security administrator (安全保密管理员). The audit administrator, who watches both, has the room audit.
//
//	/admin/places/{sheet}       divisions, bodies, centres, windows, posts: lists, tables to take away and to bring, one at a time
//	/admin/calendars            notices of holidays; what a new one moves
//	/admin/rules                files of rules; what a new one changes, and from when
//	/admin/coming               appointments that begin or end in the time to come
//	/admin/policies             who may do what, in plain words, and the keys in use
//	/admin/erasures             private parts of a case erased for good: security proposes …
//	/audit/erasures             … and audit confirms
//
// Every change of many things is shown first (试运行). What is confirmed is what was shown: the form carries a digest of it, and when
// anything has moved meanwhile, it is shown again.
package admin
