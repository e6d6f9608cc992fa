package file

import (
	"fmt"
	"strings"

	"openhall.org/openhall/internal/core/lang"
)

// Refusal says why a file is not taken and how to mend it. Nothing was kept.
type Refusal struct {
	Code string
	Text lang.Text
}

// The codes of refusals.
const (
	RefusedEmpty     = "file-empty"     // there is nothing in it
	RefusedLarge     = "file-large"     // it is larger than allowed
	RefusedType      = "file-type"      // it is of a type that is not taken
	RefusedExtension = "file-extension" // its name says that it is something else
	RefusedMacros    = "file-macros"    // it holds programs
	RefusedArchive   = "file-archive"   // it unfolds beyond measure
	RefusedName      = "file-name"      // it has no name, or one that cannot be
	RefusedMalicious = "file-malicious" // the scanner found something in it
	RefusedUnscanned = "file-unscanned" // the scanner could not look at it
	RefusedFull      = "file-full"      // too much was uploaded without an account and handed in nowhere
)

// Error tells the code and the reason in English.
func (r *Refusal) Error() string { return r.Code + ": " + r.Text.En }

func refusal(code string) *Refusal {
	texts := map[string]lang.Text{
		RefusedEmpty: {
			Hans: "文件是空的。请检查后重新选择文件。",
			Hant: "檔案是空的。請檢查後重新選擇檔案。",
			En:   "The file is empty. Check it and choose it again.",
		},
		RefusedMacros: {
			Hans: "文件里有宏，不能上传。请另存为不带宏的文档，或者导出为 PDF。",
			Hant: "檔案裡有巨集，不能上傳。請另存為不帶巨集的文件，或者匯出為 PDF。",
			En:   "The file holds macros, which are not taken. Save it without macros, or export it as PDF.",
		},
		RefusedArchive: {
			Hans: "文件展开后过大，不能上传。请减少其中的图片，或者导出为 PDF。",
			Hant: "檔案展開後過大，不能上傳。請減少其中的圖片，或者匯出為 PDF。",
			En:   "The file becomes too large when it is opened. Take pictures out of it, or export it as PDF.",
		},
		RefusedMalicious: {
			Hans: "文件里发现了病毒或者其他恶意内容，没有保存。请用杀毒软件检查您的设备，再换一份干净的文件上传。",
			Hant: "檔案裡發現了病毒或者其他惡意內容，沒有儲存。請用防毒軟體檢查您的裝置，再換一份乾淨的檔案上傳。",
			En:   "A virus or other malicious content was found in the file, and it was not kept. Check your device, then upload a clean copy.",
		},
		RefusedUnscanned: {
			Hans: "暂时不能检查文件是否安全，所以没有保存。已填写的内容都在；请过几分钟重新上传，或者把较大的文件分成几个。",
			Hant: "暫時不能檢查檔案是否安全，所以沒有儲存。已填寫的內容都在；請過幾分鐘重新上傳，或者把較大的檔案分成幾個。",
			En:   "The file can't be checked for malicious content at present, so it was not kept. What you entered is still there: upload it again in some minutes, or split a large file.",
		},
		RefusedFull: {
			Hans: "未登录用户上传的文件太多，暂时不能再收。已填写的内容都在；请登录后上传，或者过一小时再试，也可以先不附文件提交。",
			Hant: "未登入使用者上傳的檔案太多，暫時不能再收。已填寫的內容都在；請登入後上傳，或者過一小時再試，也可以先不附檔案提交。",
			En:   "Too many files were uploaded without signing in, and no more are taken for now. What you entered is still there: sign in, try again in an hour, or send it without the file.",
		},
		RefusedName: {
			Hans: "文件没有名称，或者名称超过 200 个字。请改名后重新上传。",
			Hant: "檔案沒有名稱，或者名稱超過 200 個字。請改名後重新上傳。",
			En:   "The file has no name, or one of more than 200 characters. Rename it and upload it again.",
		},
	}
	return &Refusal{code, texts[code]}
}

func refuseLarge(limit int64) *Refusal {
	size := fmt.Sprintf("%d MB", limit>>20)
	if limit < 1<<20 {
		size = fmt.Sprintf("%d KB", limit>>10)
	}
	return &Refusal{RefusedLarge, lang.Text{
		Hans: "文件超过 " + size + "。请压缩，或者分成几个文件后重新上传。",
		Hant: "檔案超過 " + size + "。請壓縮，或者分成幾個檔案後重新上傳。",
		En:   "The file is larger than " + size + ". Make it smaller, or split it, and upload it again.",
	}}
}

func refuseType(found lang.Text, allowed []Type) *Refusal {
	list := func(tag lang.Tag, comma string) string {
		titles := make([]string, len(allowed))
		for i, t := range allowed {
			titles[i] = t.Title.In(tag)
		}
		return strings.Join(titles, comma)
	}
	return &Refusal{RefusedType, lang.Text{
		Hans: "这是" + found.Hans + "，不能上传。可以上传：" + list(lang.Hans, "、") + "。",
		Hant: "這是" + found.Hant + "，不能上傳。可以上傳：" + list(lang.Hant, "、") + "。",
		En:   "This is of the type " + found.En + ", which is not taken here. Upload one of: " + list(lang.En, ", ") + ".",
	}}
}

func refuseExtension(found Type, extension string) *Refusal {
	want := found.Extensions[0]
	if extension == "" {
		return &Refusal{RefusedExtension, lang.Text{
			Hans: "文件内容是" + found.Title.Hans + "，名称却没有扩展名。请在名称后加上 " + want + "，再重新上传。",
			Hant: "檔案內容是" + found.Title.Hant + "，名稱卻沒有副檔名。請在名稱後加上 " + want + "，再重新上傳。",
			En:   "The content is of the type " + found.Title.En + ", but the name has no extension. Add " + want + " to the name and upload it again.",
		}}
	}
	return &Refusal{RefusedExtension, lang.Text{
		Hans: "文件内容是" + found.Title.Hans + "，名称却以 " + extension + " 结尾。请检查是不是选错了文件；没有错就把结尾改成 " + want + "，再重新上传。",
		Hant: "檔案內容是" + found.Title.Hant + "，名稱卻以 " + extension + " 結尾。請檢查是不是選錯了檔案；沒有錯就把結尾改成 " + want + "，再重新上傳。",
		En:   "The content is of the type " + found.Title.En + ", but the name ends in " + extension + ". See whether it is the right file; if it is, let its name end in " + want + " and upload it again.",
	}}
}
