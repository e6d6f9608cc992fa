// Package cleanup is the slice of the clean-up of approval items (行政审批事项清理): mission M15.
//
// A reform office (审改机构) prepares a round (批次): for each item of each body whether it is retained (保留), cancelled (取消), managed
// otherwise (转变管理方式), delegated (下放) or merged (合并), on which basis, from which day, who takes it over, what has to be handed over,
// and which follow-up supervision is due when. A round is a case of the kind [RoundKind]:
//
//	draft (起草) → review (审核) → approve by the head (批准) → published
//	   └──────────── returned ────────────┘
//
// What was approved is in force by itself. Package register works out from the lines of all published rounds who exercises which item on
// a day, and whoever offers items asks it ([Service.Standing]): from the first second of the date of effect nobody can apply for what is
// gone, and its guide says why and since when. [Service.Work], called by a job, brings the rest in line, found by indexes and done once:
//
//   - the catalogue gets a version in which the item is cancelled, or other bodies exercise it;
//   - each hand-over becomes a case of the kind [HandoverKind]: the former body hands over, the receiving one checks the list, trains its
//     staff, takes its seal into use, and takes over; from the date of effect on the open cases follow, one by one ([casework.Runtime.HandOver]);
//   - the public list goes into the catalogue of records, and each date of a follow-up plan is a duty of the body that owes it.
//
// No item is active that is in no round. Whoever tries to publish one is refused, and a case of the kind [AttemptKind] makes a supervision
// card. The first round of all takes what is there into the register (founding round, 建账).
//
//	/cleanup                        rounds, and what became of an item
//	/cleanup/rounds/NUMBER          one round; …/list.csv
//	/cleanup/items/KEY              what became of one item
//	/desk/cleanup                   rounds and hand-overs of the own body
//	/desk/cleanup/rounds/NUMBER     drafting, reviewing, approving
//	/desk/cleanup/handovers/NUMBER  handing over, taking over
package cleanup
