// Package file keeps what people upload: the materials (材料) of an application.
//
// Content lies outside the database, sealed with the key ring, one blob for each upload, so that erasing one never touches
// another's. The row of an upload holds its SHA-256: that is the name under which cases and the public log speak of the content,
// and it is checked whenever the content is read. A file is acknowledged only when its blob is on disk, folder entry included,
// and then its row.
//
// What a file is, is told by its content, never by its name or by what the browser says ([Types]): a name that claims something
// else is refused, and so are macros and archives that would unfold beyond measure. A [Refusal] says in three languages what is
// wrong and how to mend it.
//
// A file belongs to nothing until it is bound to a draft or a case ([Bind]); one that stays unbound for a week is swept
// away. Who may read a file is for the caller to ask: whoever may read the case.
package file
