// Package message is the room in which people read what they were told (我的消息) and say how they want to be told.
//
//	/me/messages                  the list, newest first; all or unread
//	/me/messages/{id}             one message; opening it marks it as read
//	/me/messages/settings         by what channel of what; language, quiet hours, mail address
//
// The same pages serve the public and staff. Who acts for somebody else (代办) reads what that party was told
// about its matters, and says how; what happened to its account, and its addresses, are for the party alone.
//
// Messages are written and sent by [openhall.org/openhall/internal/platform/notify], which follows the log; this room shows them.
// It keeps nothing itself.
package message
