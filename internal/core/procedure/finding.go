package procedure

import (
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// Level is how grave a finding is.
type Level string

// An error keeps a definition from being published; a warning does not.
const (
	Error   Level = "error"
	Warning Level = "warning"
)

// Code names a kind of finding; it does not change between versions.
type Code string

// The kinds of findings.
const (
	CodeDuplicateID        Code = "duplicate-id"
	CodeDanglingFlow       Code = "dangling-flow"
	CodeBadReference       Code = "bad-reference"
	CodeNoStart            Code = "no-start"
	CodeManyStarts         Code = "many-starts"
	CodeNoEnd              Code = "no-end"
	CodeStartEntered       Code = "start-entered"
	CodeEndLeft            Code = "end-left"
	CodeBadTrigger         Code = "bad-trigger"
	CodeUnreachable        Code = "unreachable"
	CodeCannotEnd          Code = "cannot-end"
	CodeFlowUnconditional  Code = "flow-without-condition"
	CodeNoDefault          Code = "no-default"
	CodeBadCondition       Code = "bad-condition"
	CodeBoundaryLeadsOn    Code = "boundary-without-outgoing"
	CodeLaneMissing        Code = "lane-missing"
	CodeLaneRole           Code = "lane-without-role"
	CodeTermMissing        Code = "term-missing"
	CodeBadTimer           Code = "bad-timer"
	CodeUnknownRule        Code = "unknown-rule"
	CodeStuck              Code = "stuck"
	CodeTooLarge           Code = "too-large"
	CodeEventGatewayTarget Code = "event-gateway-target"
	CodeCallUnresolved     Code = "call-unresolved"
	CodeErrorNeverThrown   Code = "error-never-thrown"
)

// Finding is one thing the checker has to say about an element. The message says what is wrong and how to mend it.
type Finding struct {
	Code    Code      `json:"code"`
	Level   Level     `json:"level"`
	Element string    `json:"element"`
	Name    string    `json:"name,omitempty"`
	Line    int       `json:"line"`
	Message lang.Text `json:"message"`
}

// String returns the finding on one line, in English.
func (f Finding) String() string { return f.In(lang.En) }

// In returns the finding on one line, its message in the language.
func (f Finding) In(tag lang.Tag) string {
	name := ""
	if f.Name != "" {
		name = " “" + strings.Join(strings.Fields(f.Name), " ") + "”"
	}
	message := strings.Join(strings.Fields(f.Message.In(tag)), " ")
	return fmt.Sprintf("line %d: %s: %s%s: %s [%s]", f.Line, f.Level, f.Element, name, message, f.Code)
}

// message is the wording of a kind of finding; verbs take the arguments of the finding in the same order in all languages.
type message struct {
	level Level
	text  lang.Text
}

// messages words every kind of finding.
var messages = map[Code]message{
	CodeDuplicateID: {Error, lang.Text{
		Hans: "标识重复，第 %v 行已使用；请改用不同的标识", Hant: "識別碼重複，第 %v 行已使用；請改用不同的識別碼",
		En: "the id is taken by line %v already: give it another"}},
	CodeDanglingFlow: {Error, lang.Text{
		Hans: "顺序流的 %v 指向同一流程中不存在的节点 %q；请重新连线", Hant: "順序流的 %v 指向同一流程中不存在的節點 %q；請重新連線",
		En: "its %v %q is no element of the same process or sub-process: connect it"}},
	CodeBadReference: {Error, lang.Text{
		Hans: "引用的 %q 不存在或类型不符；请改正引用", Hant: "引用的 %q 不存在或類型不符；請改正引用",
		En: "it refers to %q, which does not exist or is of another kind: correct the reference"}},
	CodeNoStart: {Error, lang.Text{
		Hans: "没有开始事件；请补画", Hant: "沒有開始事件；請補畫", En: "it has no start event: add one"}},
	CodeManyStarts: {Error, lang.Text{
		Hans: "有多个无条件开始事件或无法确定从何处开始；请只保留一个", Hant: "有多個無條件開始事件或無法確定從何處開始；請只保留一個",
		En: "it is not clear where it starts: keep one start event without a trigger"}},
	CodeNoEnd: {Error, lang.Text{
		Hans: "没有结束事件；请补画", Hant: "沒有結束事件；請補畫", En: "it has no end event: add one"}},
	CodeStartEntered: {Error, lang.Text{
		Hans: "有顺序流进入开始事件或边界事件；请改接到其后的节点", Hant: "有順序流進入開始事件或邊界事件；請改接到其後的節點",
		En: "a flow leads into it: an event that starts something cannot be entered; connect the flow to what follows"}},
	CodeEndLeft: {Error, lang.Text{
		Hans: "有顺序流离开结束事件；请改用中间事件或删去连线", Hant: "有順序流離開結束事件；請改用中間事件或刪去連線",
		En: "a flow leads out of it: an end cannot be left; use an intermediate event or remove the flow"}},
	CodeBadTrigger: {Error, lang.Text{
		Hans: "该事件在此处缺少触发条件或触发条件不适用；请选择消息、信号或定时", Hant: "該事件在此處缺少觸發條件或觸發條件不適用；請選擇訊息、信號或定時",
		En: "the event has no trigger, or one that is not possible here: choose a message, signal or timer (a sub-process starts without a trigger; an error interrupts)"}},
	CodeUnreachable: {Error, lang.Text{
		Hans: "从开始事件无法到达；请连线或删去", Hant: "從開始事件無法到達；請連線或刪去",
		En: "it cannot be reached from a start: connect or remove it"}},
	CodeCannotEnd: {Error, lang.Text{
		Hans: "从此处无法到达结束事件；请补画去路", Hant: "從此處無法到達結束事件；請補畫去路",
		En: "no end can be reached from it: draw the way out"}},
	CodeFlowUnconditional: {Error, lang.Text{
		Hans: "网关的出线 %v 既无条件也非默认；请写明条件或设为默认", Hant: "閘道的出線 %v 既無條件也非預設；請寫明條件或設為預設",
		En: "its outgoing flow %v has no condition and is not the default: write the condition or make it the default"}},
	CodeNoDefault: {Warning, lang.Text{
		Hans: "网关没有默认出线，各条件都不成立时办件将停滞；请设一条默认出线", Hant: "閘道沒有預設出線，各條件都不成立時辦件將停滯；請設一條預設出線",
		En: "it has no default flow: a case for which no condition holds is refused there; make one flow the default"}},
	CodeBadCondition: {Error, lang.Text{
		Hans: "表达式 %q 无法读取（%v）；请按 FEEL 语法改写", Hant: "表達式 %q 無法讀取（%v）；請按 FEEL 語法改寫",
		En: "the expression %q cannot be read (%v): write it in FEEL"}},
	CodeBoundaryLeadsOn: {Error, lang.Text{
		Hans: "边界事件没有出线；请画出其后的步骤", Hant: "邊界事件沒有出線；請畫出其後的步驟",
		En: "the boundary event leads nowhere: draw what follows"}},
	CodeLaneMissing: {Error, lang.Text{
		Hans: "人工环节不在任何泳道中，不知由谁办理；请放入泳道", Hant: "人工環節不在任何泳道中，不知由誰辦理；請放入泳道",
		En: "the task stands in no lane, so nobody does it: put it in one, or say openhall:assign"}},
	CodeLaneRole: {Error, lang.Text{
		Hans: "泳道没有角色；请写明 openhall:role", Hant: "泳道沒有角色；請寫明 openhall:role",
		En: "the lane has no role: write openhall:role, such as applicant, window, reviewer or head"}},
	CodeTermMissing: {Error, lang.Text{
		Hans: "机关办理的环节没有时限；请在属性中选择时限规则或者填写时限（文件中是 openhall:term）", Hant: "機關辦理的環節沒有時限；請在屬性中選擇時限規則或者填寫時限（檔案中是 openhall:term）",
		En: "a task of the authority has no term: choose a rule or give a length in the properties (openhall:term in the file)"}},
	CodeBadTimer: {Error, lang.Text{
		Hans: "定时无法读取（%v）；请改正", Hant: "定時無法讀取（%v）；請改正", En: "the timer cannot be understood (%v): correct it"}},
	CodeUnknownRule: {Error, lang.Text{
		Hans: "规则 %q 不存在；用 openhall rules list 查看", Hant: "規則 %q 不存在；用 openhall rules list 查看",
		En: "there is no rule %q: see openhall rules list"}},
	CodeStuck: {Error, lang.Text{
		Hans: "办件可能停在此处再也不能结束（同时等待：%v）；请检查汇合网关与分支是否配对", Hant: "辦件可能停在此處再也不能結束（同時等待：%v）；請檢查匯合閘道與分支是否配對",
		En: "a case can come to a standstill here and never end (waiting at: %v): make the joins match the splits"}},
	CodeTooLarge: {Warning, lang.Text{
		Hans: "流程状态过多，只检查了前 %v 种", Hant: "流程狀態過多，只檢查了前 %v 種",
		En: "it has too many states to explore: the first %v were"}},
	CodeEventGatewayTarget: {Error, lang.Text{
		Hans: "事件网关之后只能直接接消息、信号、定时捕获事件或接收任务，不能是 %v", Hant: "事件閘道之後只能直接接訊息、信號、定時捕獲事件或接收任務，不能是 %v",
		En: "an event-based gateway leads to %v: only message, signal or timer catch events and receive tasks may follow it"}},
	CodeCallUnresolved: {Error, lang.Text{
		Hans: "调用的流程 %q 不存在；请改正或补上", Hant: "調用的流程 %q 不存在；請改正或補上",
		En: "the called process %q is not known: correct calledElement or add the process"}},
	CodeErrorNeverThrown: {Warning, lang.Text{
		Hans: "此环节内不会发生错误 %q", Hant: "此環節內不會發生錯誤 %q",
		En: "nothing within the activity throws the error %q"}},
}

func finding(code Code, id, name string, line int, args ...any) Finding {
	m := messages[code]
	word := func(format string) string {
		if len(args) == 0 {
			return format
		}
		return fmt.Sprintf(format, args...)
	}
	return Finding{Code: code, Level: m.level, Element: id, Name: name, Line: line,
		Message: lang.Text{Hans: word(m.text.Hans), Hant: word(m.text.Hant), En: word(m.text.En)}}
}

// problem keeps a fault that Parse has found, for Check to report and for the engine to refuse.
func (d *Definition) problem(code Code, id, name string, line int, args ...any) {
	d.problems = append(d.problems, finding(code, id, name, line, args...))
}

// defect returns the first fault for which the engine refuses the definition, or nil.
func (d *Definition) defect() *Finding {
	if len(d.problems) > 0 {
		return &d.problems[0]
	}
	return nil
}
