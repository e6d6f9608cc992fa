// Package publication is the one place where anything becomes public (政府信息公开): records that are drafted, reviewed, approved,
// published, kept in versions, linked, and withdrawn, and the duties (公开义务) that bodies owe.
//
// A [Record] (信息) has an index number (索引号), the fields of the catalogue (目录), a text, attachments kept as received, and links to
// other records. What it says stands in a [Content]; each change of it is a new version, and no version that was published ever changes.
//
// The way to the public is a case of the kind [Kind] with the procedure procedures/publication.bpmn:
//
//	Draft, Edit → Submit → Review (保密审查, arts. 14–17) → Approve → published
//	                         └ returned → Edit → Resubmit          └ withheld (不予公开; looked at again, art. 18)
//
// Several records can go through one case, thousands of them if need be: [Service.Submit] takes a list. Whoever drafted does not review,
// and whoever reviewed does not approve. After the approval the platform itself ([Service.Release]) numbers the records of the batch, part
// by part, and publishes each part by one command of the case: the SHA-256 of every version stands in the public event of that command and
// so in the log. Killed in the middle it goes on where it stopped, and publishes each record once.
//
// What is published is canonical JSON (RFC 8785), [Statement]; it is what the hash is about. Anybody can download it with the receipt of
// the event ([Service.Proof]) and check with `openhall verify record` that it is what was published on that day.
//
// For the office side (slices that make pages):
//
//	id, err := s.Draft(ctx, actor, publication.Draft{Body: body, Content: publication.Content{Title: …, Category: …, Text: …}})
//	err = s.Edit(ctx, actor, id, draft)            // while it is a draft, or was returned
//	found, err := s.Check(ctx, draft)              // what the privacy guard finds; Override says why it stays
//	rec, err := s.Submit(ctx, actor, key, id, …)   // rec.Case is the case
//	_, err = s.Review(ctx, actor, rec.Case, key, publication.Review{Outcome: publication.Pass, …})
//	_, err = s.Approve(ctx, actor, rec.Case, key, publication.Approval{Outcome: publication.Publish})
//	_, err = s.Withdraw(ctx, actor, key, id, publication.Withdrawal{Reason: publication.ReasonPrivacy})
//
// For everybody: [Service.Get] and [Service.ByIndex] (published records, or the tombstone of a withdrawn one), [Service.Version] and
// [Service.Versions], [Service.InForceOn], [Service.Links] (both directions), [Service.List] (division with or without those below, body,
// category, year, in force; newest first, by cursor: also for feeds), [Service.Each] (all records of a division one by one, in constant
// memory), [Service.Attachment], [Service.Counts]. [Service.Search] finds by words: Service.Search.Find(ctx, search.Query{…}).
//
// For programs that bring what was published elsewhere before: [Service.Import], thousands of records in one case, idempotent by index number.
//
// For other slices, in their own transactions: [Service.Owe] notes that a body has to publish something by a day, [Service.Meet] that it
// has. What is late is found by an index, counted by division and body ([Service.DutyCounts]), and listed by [Service.Duties].
//
// Categories ([Category]) are a tree: the uniform columns of all government sites at the top (指南, 制度, 法定主动公开内容, 年报, 依申请公开),
// managed once by the system administrator, extended below by divisions and bodies.
package publication
