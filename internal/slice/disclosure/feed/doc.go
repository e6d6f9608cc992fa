// Package feed writes lists of published records in the formats that other programs read:
//
//	Atom        RFC 4287          readers of feeds
//	JSONFeed    JSON Feed 1.1     readers of feeds
//	Sitemap     sitemaps.org 0.9  search engines; SitemapIndex names the parts
//	JSONLines   one object a line bulk download, and openhall import records
//	CSV         RFC 4180          spreadsheets, and openhall import records
//	DCAT        DCAT-AP 3, JSON-LD catalogues of open data
//
// Each writer takes the entries one by one and keeps none of them, so a download of a whole province needs no more memory than one
// record. An error of the source ends the writing and is returned; what was written by then is cut off and no longer well formed, so that
// nobody takes it for the whole.
package feed
