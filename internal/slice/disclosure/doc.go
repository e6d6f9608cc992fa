// Package disclosure is the room of open government information (政府信息公开): what every body of four levels publishes, found, read beside
// its interpretation, compared, followed, downloaded; and the desk from which it is published (mission rows M02, M03).
//
//	/open                             the uniform column of the whole node; /d/{area}/open that of a division, /open/b/{body} that of a body
//	/open/r/{code}/{serial}           a record by its index number, for good; /v/{n} a version, /diff two of them, /files, /statement.json
//	/open/search                      search and lists: words, body, place, level, category, document number, year, in force
//	/open/feed.atom, feed.json        the same lists as feeds; /open/export/records.csv|jsonl|jsonld as downloads
//	/open/sitemap.xml                 for search engines
//	/open/duties                      what bodies owe, and what is late
//	/me/searches                      saved searches with alerts
//	/desk/records                     drafts: write, attach, look at what the privacy guard found, hand in
//	/desk/publications/{case}         review and decision; /desk/withdrawals/{code}/{serial} taking back, /desk/versions a new version
//	/desk/imports                     import with a dry run
//	/desk/categories                  the classification: managed at the top, extended below
//
// Records, versions, duties and the classification are kept by [openhall.org/openhall/internal/platform/publication], and found by
// publication/search; this room shows them and asks for them to be changed. It keeps only saved searches itself.
//
// The parts that do no input or output stand in packages of their own: difference (two versions), importing (files of records), feed
// (formats for programs), sample (records of the demo).
package disclosure
