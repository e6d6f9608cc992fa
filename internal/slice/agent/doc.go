// Package agent is the slice of township service centres (乡镇为民服务中心) and village agents (村级代办员): mission M20.
//
// In a village there is no window: an agent sits there, fills in what a villager cannot, and takes it to the township. The agent does
// nothing without the villager's consent (委托): which of the ten fields it covers ([Consent.Covers]), until when, and whether it was signed, spoken or given by thumbprint. A
// consent is a case of the kind [ConsentKind], with a number and a query code on the paper that the villager keeps; the villager takes it
// back with that paper or in their account, the agent lays it down, and it ends by itself:
//
//	given (同意) → in force ┬→ withdrawn by the villager
//	                        ├→ laid down by the agent
//	                        └→ its time is over
//
// An application for a villager is an ordinary case of the item, handed in through the channel casework.Agent. That the consent is in force,
// is this agent's and this villager's, is looked up in the transaction in which the case is opened ([Service.Happened]), so nothing slips in
// after a withdrawal. What the agent had written down before, perhaps without a line, has an identity of its own and becomes one case
// however often it is handed in.
//
// What the authority asks of the villager afterwards, such as a correction (补正), the agent supplies ([Service.Supply]), and they withdraw an
// application ([Service.Recall]): with a consent in force, and with the villager's word, asked and recorded each time. Both are held against
// the consent in the transaction, like the application itself.
//
// Each step of an agent stands in the log under the agent's post, and the villager is told of it on the page of the case and in their
// account. Agents take no money: nothing here has a fee.
//
// What the townships review first and the county decides (上报) is followed to its end ([Service.Transfers]). The head of the township
// centre assigns agents to villages from a day on, plans and moves home visits, and sees what each agent does and what is late; visits that
// were not made by their day are noticed by index ([Service.NoticeLate]).
//
//	/agent                            the agent's day: villagers, visits, cases, transfers
//	/agent/consents/new               taking consent
//	/agent/villagers/CONSENT          one villager: apply, visit, print, lay down
//	/agent/villagers/CONSENT/CODE     applying for them
//	/agent/cases/NUMBER               an application: what is asked for, …/supply/STEP, …/withdraw
//	/agent/visits                     home visits
//	/agent/township                   the head of the centre
//	/agent/township/visits            the home visits of the township
//	/agent/consent/NUMBER/CODE        the villager, by the paper
//	/me/agents                        the villager, signed in
//	/agent/offline/pack, …/handin     the app that works without a line
package agent
