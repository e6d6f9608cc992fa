// Package approval is the slice in which people apply for service items (政务服务事项) and follow their matters: application, tracking,
// my matters, documents, rating, and the public register of decisions.
//
// It registers one kind of case, "approval", for licences, registrations, benefits and services alike: what differs between them
// stands in the item and in its published procedure. [NewKind] gives the kind to the case runtime; it checks an application before
// a case begins: the item is in force that day, the applicant is one whom it serves, the numbers are right, the form is complete,
// the necessary materials are there.
//
//	start page → draft (applicant, form, materials, check) → Submit → receipt → tracking by number and query code, or signed in
//
// [Service] is the only door. The window's desk receives applications through the same [Service.Submit], so that whatever is
// refused online is refused at the counter, for the same reasons.
//
// A person meets a matter by two doors: as its owner, signed in (/me/case/…), or with the number and the query code of the receipt
// (/track/…). Both show the same; only an owner sees names in full.
package approval
