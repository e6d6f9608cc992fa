// Package joint is the slice of joint approval (并联审批、联合审批; 行政许可法 26, 42; mission M18): one application for a matter in which
// several departments have a part.
//
// A joint matter (联合事项, [Matter]) is data: stages in turn, in each the parts (部分) of departments side by side, and perhaps a joint
// survey, review or acceptance (联合踏勘、会审、验收). Its form is merged from the forms of its parts, equal fields once ([Merge]); its
// materials are one set, of which a department gets what its part needs and nothing else. Two platforms ship, construction projects and
// the establishment of enterprises (rules/joint); others are built on a page (/desk/joint/matters).
//
// What runs are cases. The whole ([WholeKind]) belongs to the lead window; as a stage begins, each of its parts becomes a case of its own
// ([PartKind]) of its department, with its own number, clock, queue and cards, and with its share of the form and materials only. What one
// case means for another stands in an outbox ([Service.Settle]): it is written in the transaction of the event and carried out by commands
// with keys of their own, so that nothing is lost or done twice, wherever the program stops.
//
//	apply once → lead window accepts → parts side by side, each on its clock → opinions → result → letter
//
// Default on time-out and on absence (超时默认、缺席默认) is a parameter of each part, off where a law forbids it: the department is taken to
// agree, the notice of default goes out, and a late opinion is recorded and cannot undo it. What the refusal of one department means for the
// others is a parameter too. A promise of secondary materials (容缺受理) has a date; a commitment in place of proof (告知承诺) is checked
// afterwards ([CheckKind]).
//
// The public sees each joint matter as one chart with a lane for each department and the days that it has used: /hall/joint/progress/{number}.
package joint
