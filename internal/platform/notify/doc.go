// Package notify tells people what concerns them: applicants what became of their matter, officials what is theirs to do, supervisors
// what went wrong (通知).
//
// [Service.Handle] follows the log of all events. What is told to whom stands in notices.yaml: for each notice the events, the
// readers, the channels and the words in three languages. A message is written for each reader in the transaction that moves the
// cursor over the log, so each event tells each reader once; mails and short messages are jobs of the same transaction
// ([openhall.org/openhall/internal/platform/job]), so none is forgotten.
//
//	event → log → Handle → message (in the hall) + job → mail, short message
//
// # Channels
//
//   - In the hall: a list behind a sign-in, with unread marks. Statutory notices cannot be switched off there.
//   - Mail: to an address that its owner has confirmed with a code. Sent again after a failure with the same Message-ID.
//   - Short message: to the mobile number of the account, by a webhook ([openhall.org/openhall/internal/platform/notify/sms]).
//
// What a server refuses for good is not tried again: the channel rests, and its owner sees the reason among their settings.
//
// # Privacy
//
// Mails and short messages pass through many hands. Subjects hold the name of the site and nothing else; texts hold the number of
// the matter, a day and a link. Neither what the matter is about nor any name leaves the hall: no template can say it, because the
// loader refuses a placeholder that does not belong there. Addresses are sealed; jobs and logs know messages by their identifier.
package notify
