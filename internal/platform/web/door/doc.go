// Package door lets people in to a matter: its owner, signed in, and whoever holds the query code (查询码) that is printed on the slip.
//
// Every kind of matter that people follow has both doors, at addresses of its own. What a door shows is the business of the slice;
// who comes in by which is decided here, once: wrong codes are counted by address, a missing matter and a wrong code answer alike,
// and what somebody may see is asked of the policy.
//
//	d, err := keeper.ByCode(r)  // the path holds {number} and {code}
//	d, err := keeper.ByOwner(r) // the path holds {number}
package door
