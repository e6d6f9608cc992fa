// Package identifier knows the numbers that name persons, bodies, places, items and cases, and how they are masked in public.
//
// Each kind has a parser that returns its parts, or an [Error] that says in three languages which character is wrong, why, and
// how to mend it: the text that a form shows beside the field. Nothing is repaired silently. A small letter, a full-width digit
// or a space is named with the character that should stand there, because whoever copies a number from a certificate has to see
// where their copy differs.
//
//	统一社会信用代码  uscc       GB 32100     18 characters, of a body or an enterprise
//	公民身份号码      id-card    GB 11643     18 characters, of a person
//	组织机构代码      org-code   GB 11714     9 characters, issued until 2015-09-30
//	行政区划代码      area       GB/T 2260, 10114   2 to 12 digits: province, city, county, township, village
//	基本编码          basic      12 characters, of a service item in the catalogue
//	实施编码          item       31 characters, of an item as one body carries it out
//	办件编号          case       43 characters, of a case
//	索引号            index      of a disclosed record
//	统一交易标识码    trade      of a public trade, check by ISO 7064 MOD 37-2
//	电话号码          phone      mobile or fixed
//	银行卡号          bank-card  check by Luhn
//	机动车号牌号码    plate      GA 36
//
// [Check] serves them all by the name of the kind. The Mask functions make of personal data what may be published
// (个人信息保护法 arts. 6, 28): they never fail, and hide all of what they do not understand.
package identifier
