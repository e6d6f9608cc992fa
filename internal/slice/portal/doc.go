// Package portal is the front of the hall: the home page of the node, the site of each of its divisions (行政区划), a page for each
// body (机关), and the pages that say what the hall is, how to get help, and how to check its log (公开日志).
//
//	/                         the whole node: find a service, track a matter, places, figures
//	/d, /d/{area}             find a place; its site: service centres, bodies, services, places below
//	/d/{area}/bodies/{key}    a body: what it does, where it is found, where to complain
//	/log, /log/verify         the proof explained; a receipt checked
//	/about /accessibility /privacy /help
//	/robots.txt /sitemap.xml /favicon.ico
//
// A site has the address of its area code: six digits down to counties (/d/340100), twelve below; other spellings lead there.
//
// The portal has no tables. Places come from the registry's snapshot and services through [Services], both in memory; figures come
// from supervision's counts and are kept for half a minute, so that a crowd on the front page costs the database nothing.
package portal
