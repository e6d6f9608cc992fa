// Package registry knows the places and the offices of a node: administrative divisions (行政区划) from the province to the
// village, bodies (机关), service centres (政务服务中心) with their windows (窗口), posts (岗位), and who holds a post from when until
// when.
//
// A province has some 20,000 divisions and far more readers than changes, so the whole registry is held in memory as an immutable
// [Snapshot]: every page asks it, no page waits for a database.
//
//	reg, err := registry.Open(ctx, db)       // reads everything
//	place := reg.Now().Division("340100000000")
//	err = reg.Edit(ctx, func(e *registry.Edit) error { // one transaction, one new snapshot
//		return e.PutBody(body)
//	})
//
// Other nodes notice a change by [Registry.Refresh], which costs one point read when nothing changed.
//
// Authority belongs to posts, and people hold posts for a time: an account in no post may do nothing for a body. The posts of the
// three administrators (三员: system, security, audit) exclude one another and everything else, for one person too.
package registry
