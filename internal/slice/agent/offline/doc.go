// Package offline serves the app of village agents (代办员), which works without the line (mission row M20): they write applications for
// villagers where there is no network, and hand them in when it is back.
//
// The app itself is in web/offline, built into the assets as offline.js. What it does there, and why nothing is lost or handed in twice,
// stands in docs/guides/off-line.md and in decision 0080. This package serves what a browser needs to keep it:
//
//	/agent/offline/                      the page, which is the same for everybody and says nothing of anybody
//	/agent/offline/worker.js             the service worker, with the list of the files of this version and their SHA-256
//	/agent/offline/words.json            the words in three languages
//	/agent/offline/manifest.webmanifest  name and icons, by which it is installed; in each language
//	/agent/offline/icon-192.png …        the icons, drawn here
//
// All of it is public and holds no data. The packs of agents (/agent/offline/pack) and the drafts that they hand in (/agent/offline/handin)
// belong to the room of the agents.
//
//	modules = append(modules, offline.Module())
//
// The version of the app is the hash of its files. A browser that finds another worker.js keeps the new version beside the old one, and the
// agent says when to change over.
package offline
