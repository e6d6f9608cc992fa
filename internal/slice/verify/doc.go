// Package verify is the room in which anybody finds out whether an official letter (公文) is genuine: the holder of a paper by its
// QR code, or by number and verification code (核验码); whoever was sent a file by uploading it.
//
//	/verify               both forms
//	POST /verify          a file: nothing of it is kept
//	POST /verify/number   number and code; leads to the letter's own page
//	/verify/{id}/{code}   what the hall knows of a letter; the QR opens it
//	/verify/keys          the public keys, for openhall verify document
//
// It shows what the public may know: kind, number, body, day, whether the letter holds, and of a person the surname. The content of a
// letter is shown to nobody here: whoever has the paper compares it.
package verify
