// Package reseal seals anew, with the key that seals now, what older keys have sealed: rows and uploads (重新加密).
//
// It is the middle of a change of keys. [openhall.org/openhall/internal/platform/store/seal.Rotate] puts a new key on top of the ring;
// [Hall.Run] walks over every column that a module has declared to hold sealed values, and over the uploads; when [Hall.Left] finds
// nothing more under the old keys, they can be taken out of the ring, and what was copied away with them alone is worth nothing to
// whoever finds it.
//
// The hall runs meanwhile. Rows are changed a batch at a time, each only if it is as it was read, so that what somebody writes or erases
// at the same moment goes first. What is done shows in the rows themselves: a walk that was broken off is begun again and passes over it.
//
// [Hall.Left] does not trust the declarations: it looks at every column of bytes that the database has.
package reseal
