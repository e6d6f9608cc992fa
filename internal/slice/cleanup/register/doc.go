// Package register works out who may exercise which item on a day (审批事项清理台账), from the lines of all rounds that were approved,
// and from nothing else.
//
// A [Line] is what a round decides of one item of one body. [Fold] puts the lines of all rounds together into spells: a body exercises an
// item from the day of the line that brought it there until the day of the line that took it away. An item that is in no round has no
// spell, and so is exercised by nobody.
//
//	retained  (保留)          the body goes on, or begins
//	cancelled (取消)          nobody exercises it any more
//	otherwise (转变管理方式)  no approval any more: watched afterwards, filed, left to the trade
//	delegated (下放)          the receiving bodies exercise it instead
//	merged    (合并)          it is part of another item from then on
//
// The result depends on the lines alone: not on the order in which they come, and not on when it is worked out.
package register
