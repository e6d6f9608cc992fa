// Package rating is the slice of ratings (好差评) and complaints (投诉): whoever was served says how it was, and what was bad is followed
// up in public (国办发〔2019〕51号).
//
// A rating has one of five grades (非常满意 to 非常不满意), reasons offered with that grade, and a comment that stays sealed until an
// official has looked through it. It is given once: for an ended case by its owner or by the holder of its query code
// (…/rate beside the matter), for a visit to a window (窗口办事) by the code on the queue ticket (/rate/CODE). Nobody signs in for it, and
// staff don't rate.
//
// A bad rating (不满意, 非常不满意) becomes a case of the kind "rating-followup" by itself. [Service.Count] follows the log and notes it
// in the transaction of its cursor; [Service.Open] opens the case under a key made of the rating, so that it is opened once whatever
// happens in between. The body contacts the rater, answers and corrects; the complaints officer (投诉处理岗), who is of another body and
// had no part in it, calls back and closes. How it ended is public.
//
// A complaint (投诉) is a case of the kind "complaint", which anybody files, signed in or not. The complaints officer accepts it or says
// where else to go; the body complained of inquires and answers, or the complaints officer does where the complainant asked for
// confidentiality; nobody works on it whom it is about; the supervisor reviews the answer once. [Service] keeps who complained out of
// everything public: the log names the body, never the case of the complainant.
//
// Figures per body, item and window are kept by increments ([Service.Figures]); [Service.Recount] counts everything again and names each
// difference.
//
//	/rate, /rate/CODE                   a visit to a window
//	/track/NUMBER/CODE/rate, /me/case/NUMBER/rate   a case
//	/hall/ratings                       figures; bad ratings and how they ended
//	/complaints, /complaints/new        what can be complained of, and the form
//	/complaints/NUMBER/CODE, /me/complaints/NUMBER   where a complaint stands; the answer; asking for a review
//	/complaints/register                complaints and results, without complainants
//	/desk/ratings                       the same figures for those who answer for them
package rating
