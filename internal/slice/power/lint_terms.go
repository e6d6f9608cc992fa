package power

import (
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/statute"
)

// legalBasis checks the laws on which the item stands. 行政许可法 14, 15, 17: only laws, administrative regulations, decisions of the
// State Council, local regulations and, for a year, provincial rules can set up a licence.
func (l *linter) legalBasis() {
	named, canSetUp := 0, false
	for _, b := range l.it.Basis {
		l.confidence("basis", b)
		if b.IsZero() {
			l.fail("basis.empty", "basis", say("有一条设定依据没有写明法律名称，请补填。", "有一條設定依據沒有寫明法律名稱，請補填。", "One legal basis names no law: name it."))
			continue
		}
		named++
		canSetUp = canSetUp || b.Rank.CanSetUpLicence()
	}
	if l.it.Type == Licence && named > 0 && !canSetUp {
		l.fail("basis.rank", "basis", say("行政许可不得由部门规章或规范性文件设定（行政许可法第14、15、17条），请补充上位法依据。", "行政許可不得由部門規章或規範性文件設定（行政許可法第14、15、17條），請補充上位法依據。", "A departmental rule or a normative document cannot set up a licence (Administrative License Law, arts. 14, 15, 17): cite the law that does."))
	}
}

// confidence reports a legal element that nobody has read in the law's own text.
func (l *linter) confidence(field string, b LegalBasis) {
	switch b.Confidence {
	case statute.Verified, statute.Practice:
	case statute.Unverified:
		l.report(Notice, "basis.unverified", field, say("依据“%[1]s”尚未与法律原文核对，请核对后改为 verified。", "依據「%[2]s」尚未與法律原文核對，請核對後改為 verified。", "Nobody has read the basis “%[3]s” in the law's own text: read it and mark it verified.", b.citations()...))
	default:
		if !b.IsZero() {
			l.fail("basis.confidence", field, say("依据“%[1]s”未注明核对程度，请填 verified、practice 或 unverified。", "依據「%[2]s」未註明核對程度，請填 verified、practice 或 unverified。", "The basis “%[3]s” doesn't say how sure it is: write verified, practice or unverified.", b.citations()...))
		}
	}
}

// citations are those in simplified and traditional Chinese and in English.
func (b LegalBasis) citations() []any {
	return []any{b.Cite(lang.Hans), b.Cite(lang.Hant), b.Cite(lang.En)}
}

// terms compares the promise with the law. Both are in one unit, for a number of working days has no fixed length in calendar days.
func (l *linter) terms() {
	law, promise := l.it.Statutory, l.it.Promised
	if law.N > 0 && !law.Unit.IsTime() {
		l.fail("term.unit", "statutory.unit", say("法定时限的单位“%s”不是时间单位，请填工作日、自然日、月、年或小时。", "法定時限的單位「%s」不是時間單位，請填工作日、自然日、月、年或小時。", "The unit of the statutory term, “%s”, is no unit of time: use working-day, calendar-day, month, year or hour.", law.Unit))
	}
	if promise.N > 0 && !promise.Unit.IsTime() {
		l.fail("term.unit", "promised.unit", say("承诺时限的单位“%s”不是时间单位，请填工作日、自然日、月、年或小时。", "承諾時限的單位「%s」不是時間單位，請填工作日、自然日、月、年或小時。", "The unit of the promised term, “%s”, is no unit of time: use working-day, calendar-day, month, year or hour.", promise.Unit))
	}
	if law.N > 0 && law.Basis.IsZero() {
		l.fail("term.basis", "statutory.basis", say("法定时限没有依据，请写明法律和条款。", "法定時限沒有依據，請寫明法律和條款。", "The statutory term has no basis: cite the law and the article."))
	}
	l.confidence("statutory.basis", law.Basis)
	if law.N > 0 && promise.N > 0 && law.Unit.IsTime() && promise.Unit.IsTime() {
		switch {
		case law.Unit != promise.Unit:
			l.fail("term.promise.unit", "promised.unit", say("承诺时限的单位“%[2]s”与法定时限的单位“%[1]s”不同，无法比较，请统一单位。", "承諾時限的單位「%[2]s」與法定時限的單位「%[1]s」不同，無法比較，請統一單位。", "The promised term is in “%[2]s”, the statutory one in “%[1]s”, so they can't be compared: use one unit.", law.Unit, promise.Unit))
		case promise.N > law.N:
			l.fail("term.promise.exceeds", "promised", say("承诺时限 %[2]d 超过法定时限 %[1]d，请缩短到法定时限以内。", "承諾時限 %[2]d 超過法定時限 %[1]d，請縮短到法定時限以內。", "The promised term of %[2]d exceeds the statutory one of %[1]d: promise no more than the law allows.", law.N, promise.N))
		}
	}
	if l.it.Handling == OnTheSpot && (promise.N > 1 || promise.Unit == statute.Month || promise.Unit == statute.Year) {
		l.fail("term.on-the-spot", "promised", say("即办件应当日办结，承诺时限不得超过 1 日，请改时限或改为承诺件。", "即辦件應當日辦結，承諾時限不得超過 1 日，請改時限或改為承諾件。", "An item done on the spot is done the same day: promise one day at most, or make it an item with a promised term."))
	}
	for _, s := range l.it.Special {
		if s.Ground == "" {
			l.fail("special.ground", "special", say("特别程序未写明扣除时限的事由，请填规则编号。", "特別程序未寫明扣除時限的事由，請填規則編號。", "A special procedure doesn't say on which ground the clock stands still: give the id of the rule."))
		}
	}
}

// materials checks the papers: each has a name, a form and a basis, or it is one that may not be asked for
// (优化营商环境条例 and the founding document ask to remove papers without a basis).
func (l *linter) materials() {
	seen := map[string]bool{}
	for _, m := range l.it.Materials {
		field := "materials." + m.Key
		if m.Key == "" || m.Name.Hans == "" || len(m.Formats) == 0 || m.Kind == "" || m.Need == "" || m.Origin == "" {
			l.fail("material.incomplete", field, say("材料“%s”缺少编号、名称、类型、形式、必要性或来源，请补填。", "材料「%s」缺少編號、名稱、類型、形式、必要性或來源，請補填。", "The material “%s” lacks its key, name, kind, format, need or origin: fill them in.", m.Name.Hans))
		}
		if seen[m.Key] {
			l.fail("material.twice", field, say("材料编号“%s”重复，请改正。", "材料編號「%s」重複，請改正。", "The key “%s” stands for two materials: rename one.", m.Key))
		}
		seen[m.Key] = true
		unknown(l, field+".kind", m.Kind, kinds)
		unknown(l, field+".need", m.Need, needs)
		unknown(l, field+".origin", m.Origin, provenances)
		for _, f := range m.Formats {
			unknown(l, field+".formats", f, formats)
		}
		if m.Basis.IsZero() {
			l.fail("material.basis", field+".basis", say("材料“%s”没有依据，不得要求提交，请写明依据或取消该材料。", "材料「%s」沒有依據，不得要求提交，請寫明依據或取消該材料。", "The material “%s” has no basis and may not be asked for: cite the basis or drop it.", m.Name.Hans))
		}
		l.confidence(field+".basis", m.Basis)
		if m.Need == Conditional && m.When.Hans == "" {
			l.fail("material.when", field+".when", say("材料“%s”为特定情形下必要，但未写明情形，请补填。", "材料「%s」為特定情形下必要，但未寫明情形，請補填。", "The material “%s” is needed in some cases only, but which isn't said: say when.", m.Name.Hans))
		}
		if m.Copies < 0 || m.Origin == SharedByState && m.Copies > 0 {
			l.fail("material.copies", field+".copies", say("材料“%s”的份数 %d 不对：共享材料不得要求提交，其他材料不得为负数。", "材料「%s」的份數 %d 不對：共享材料不得要求提交，其他材料不得為負數。", "The material “%s” asks for %d copies: what the state already holds isn't asked for, and a number isn't negative.", m.Name.Hans, m.Copies))
		}
	}
}

// fees checks that nothing is charged without a basis and that the item says whether it charges.
func (l *linter) fees() {
	if charged := l.it.Charged; charged != nil && *charged != (len(l.it.Fees) > 0) {
		l.fail("fee.charged", "charged", say("“是否收费”与收费项目不一致：收费须列明项目，不收费则不得列出。", "「是否收費」與收費項目不一致：收費須列明項目，不收費則不得列出。", "“Charged” contradicts the list of fees: list the fees, or say that it is free."))
	}
	for _, f := range l.it.Fees {
		if f.Name.Hans == "" || f.Standard.Hans == "" || f.Fen < 0 {
			l.fail("fee.incomplete", "fees", say("收费项目“%s”缺少名称或标准，或金额为负数，请改正。", "收費項目「%s」缺少名稱或標準，或金額為負數，請改正。", "The fee “%s” lacks its name or standard, or its amount is negative: correct it.", f.Name.Hans))
		}
		if f.Basis.IsZero() {
			l.fail("fee.basis", "fees.basis", say("收费项目“%s”没有依据，不得收取，请写明依据或取消收费。", "收費項目「%s」沒有依據，不得收取，請寫明依據或取消收費。", "The fee “%s” has no basis and may not be charged: cite the basis or drop it.", f.Name.Hans))
		}
		l.confidence("fees.basis", f.Basis)
	}
}
