// Package audit is the room of the audit administrator (安全审计员): who did what to how the hall is run.
//
// What the other administrators do, and the operator on the machine, stands in the journal of administrative acts, which package
// casework keeps in the one public log. Here it is searched, opened with its proof, handed out with a signed manifest, and looked
// through for gaps. Nobody changes anything here, and whoever reads leaves an entry too.
//
//	GET  /audit                 search: by whom, what, to what, when, with which result
//	POST /audit/search          the same with the login of somebody, which stands in no address
//	GET  /audit/entry/{event}   one entry, and the proof of its place
//	GET  /audit/entry/{event}/receipt.json   the proof as a file: openhall verify receipt
//	POST /audit/export          what was found, as CSV and JSON lines with a manifest: openhall audit verify
//	GET  /audit/completeness    whether an entry is missing or was altered
//
// The system and the security administrator get in nowhere: it is their work that is looked through.
package audit
