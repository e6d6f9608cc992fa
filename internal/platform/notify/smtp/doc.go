// Package smtp hands mails to a mail server: one short text to one recipient at a time.
//
//	server, err := smtp.Parse("smtp://hall:secret@mail.example.gov.cn:587?tls=starttls")
//	err = server.Send(ctx, smtp.Mail{From: from, To: to, Subject: …, Text: …, ID: …, Date: now()})
//
// The connection is encrypted (STARTTLS or TLS from the first byte) and the server's certificate is checked; only a server that is
// named with tls=none is spoken to in the open, and a password is never sent that way but to this machine itself. Whatever the
// server does, Send ends with its context.
//
// A mail that is sent again has the same Message-ID, so that mail programs show it once. Headers are written so that no text can
// add another one.
package smtp
