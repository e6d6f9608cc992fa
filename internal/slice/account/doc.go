// Package account holds the pages about who one is: signing in and out, registering a person or an organisation, one's own account,
// for whom one acts (代办) and in which post (岗位); and those of the administrators who keep accounts, tokens and appointments.
//
//	/signin /signout /register                 for everybody
//	/account, /account/…                       one's own: password, post, acting for others, mandates, an organisation
//	/admin                                     where an administrator begins
//	/admin/accounts /admin/tokens              the security administrator: staff, passwords, tokens of machines
//	/admin/people                              the system administrator: who is appointed to which post
//
// It keeps nothing itself: accounts, sessions, mandates and tokens are identity's, posts and appointments the registry's. What is
// wrong with a form comes from there as well, as codes, and is put into words here. Passwords are never shown again once they were
// sent, and a secret that the platform makes up is shown once.
package account
