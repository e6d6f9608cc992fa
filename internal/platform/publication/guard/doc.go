// Package guard finds personal data in text that is about to become public, and proposes how to mask it (个人信息保护法 arts. 6, 19, 28, 34;
// 政府信息公开条例 art. 15).
//
// [Scan] reads a text once, from the left, and returns findings: what was found, where (byte offsets), how it may be published, how
// sure the guard is, and why. [Mask] writes masks into the text; [Clean] masks until nothing is found.
//
//	kind         found                                                       published as
//	id-card      公民身份号码: 18 characters by check character and date;    first 6, last 4
//	             15 digits by province and date; inside 残疾人证号, 学籍号
//	mobile       手机: with spaces, hyphens, +86                             first 3, last 4
//	landline     固定电话 of a home or of a person in a private role         first 3, last 4
//	bank-card    银行卡、存折: by Luhn and issuer, or after its word         last 4
//	address      住址 below the township                                     down to the township
//	email        电子邮箱 that is not an office's                            first character and domain
//	plate        机动车号牌                                                  province, city, last 2
//	name         姓名 in a private role: 申请人, 户主, 当事人, 联系人 …      surname and *
//	certificate  护照, 通行证, 军官证, 社保卡号 … after its word             last 4
//
// Full-width digits, zero-width characters, spaces and line breaks inside a number do not hide it. What only looks like personal data is
// kept apart: document numbers, unified social credit codes, index and case numbers, amounts, dates, hotlines.
//
// Public on purpose, and so never found: names of officials in their office (市长张三, 执法人员, 经办人), legal representatives (法定代表人,
// 负责人) of enterprises, whom the registers name, office telephones and mail addresses, accounts of bodies.
//
// A [Confidence] of Possible says that a person should look; Likely and Certain are acted upon by the [Policy] of a category, which masks
// or blocks by kind. Overriding it, with a reason, is for the caller to allow and to log.
//
// [Read] does the same to a stream of any length in constant memory. The cost is linear in the text: one hand-written pass over runs of digits
// and words that announce something. Package labelled measures how well it finds what it should (docs/decisions/0048).
package guard
