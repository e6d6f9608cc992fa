// Package intermediary is the slice of intermediary services (中介服务): mission M19.
//
// Some items ask for a paper that an agency makes: a test report, a plan, an assessment. Each such [Service] stands in a public catalogue
// with the item and the material that it is for, its basis in law, its longest term and its price. One without a basis is flagged for
// removal: nobody may be asked for it, and nobody can order it here.
//
// Agencies (中介机构) apply for admission by themselves; there is no limit of place or number. An admission is a case of the kind
// [AdmissionKind]; whoever is admitted stands in the public register with prices, terms, promises, ratings and sanctions.
//
// Whoever has a case that asks for such a paper places an order (订单) from within the case, a case of the kind [OrderKind]:
//
//	choice (直接选取) ────────────────────────────────┐
//	draw (随机抽取): committed → drawing → drawn ──────┼→ confirm → working → delivered → graded A or B → in the case
//	bids (竞价): sealed bids → opened → ranked ───────┘      └ declined   ↑______ returned
//
// Package draw holds the arithmetic of draws, bids and concentration, and the proof by which anybody verifies a draw. A bid is a case of the
// kind [BidKind], whose content is sealed until the bids are opened. A draw that is to be repeated is refused, and a case of the kind
// [AttemptKind] makes a supervision card. Sanctions are cases of the kind [SanctionKind]: proposed, heard, decided, published, in force.
//
//	/intermediary                       services, and what else there is
//	/intermediary/services/KEY          one service and who offers it
//	/intermediary/agencies[/NUMBER]     the register
//	/intermediary/shares[/BODY]         shares of agencies in the orders about the items of a body
//	/intermediary/draws[/ORDER]         draws with their proofs
//	/intermediary/openings[/ORDER]      bids that were opened, who was chosen and why
//	/intermediary/sanctions             sanctions
//	/intermediary/order?case=NUMBER     placing an order from within a case
//	/intermediary/orders/NUMBER         an order, for those whose it is
//	/intermediary/agency                an agency's own matters, …/offers: new prices, terms and promises
//	/desk/intermediary                  orders to check; the register and the catalogue, for the registrar; sanctions
package intermediary
