// Package demo is the data of the demo province: what a fresh installation shows so that everything can be tried.
//
// The divisions are the real ones of Anhui Province, from the province to the village; the service items are real ones with their
// legal basis; bodies and centres are of the real kinds. People, accounts, telephone numbers and codes of persons and
// organisations are invented: their check digits are right, so that they pass validation, and nobody bears them.
//
//	divisions.csv.gz   code, level, name of 20,155 divisions
//	names.csv          names down to the township in traditional Chinese and English
//	villages.csv.gz    names of villages in traditional Chinese and English
//	bodies.yaml        bodies (机关) and the items they implement
//	centres.yaml       service centres (政务服务中心) and their windows
//	people.yaml        posts, and the people who hold them; accounts of the public
//	matters.yaml       matters: what was applied for, and what has happened since
//	oversight.yaml     what has become of the cards that these raise, and supervise orders
//	reports.yaml       annual reports on open government information: how far they have come, what they say
//	items/*.yaml       service items by department, read by slice/power
//	forms/*.json       JSON Schemas of the application forms
//
// [Divisions] and [LoadRegistry] read it; README.md says where it comes from.
package demo

import "embed"

// Files holds the data files under the paths listed above.
//
//go:embed divisions.csv.gz names.csv villages.csv.gz bodies.yaml centres.yaml cleanup.yaml intermediary.yaml people.yaml matters.yaml oversight.yaml ratings.yaml reports.yaml requests.yaml items forms
var Files embed.FS
