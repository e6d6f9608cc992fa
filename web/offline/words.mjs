// The words of the app in the three languages of the hall. They come with the app, so that the language can be changed off line.

export const languages = [["zh-Hans", "简体"], ["zh-Hant", "繁體"], ["en", "English"]];

export class Words {
  /** table is {key: {"zh-Hans", "zh-Hant", "en"}}; en is a text or {one, other}. */
  constructor(table, tag) {
    this.table = table;
    this.tag = tag;
  }

  /** t returns the message in the language, filled with args. Count chooses the English form for one. */
  t(key, args = {}) {
    let text = this.table[key]?.[this.tag];
    if (text === undefined) return `⟦${key}⟧`;
    if (typeof text === "object") text = args.Count === 1 ? text.one : text.other;
    return text.replace(/\{\{\.(\w+)\}\}/g, (_, name) => String(args[name] ?? ""));
  }

  has(key) {
    return this.table[key] !== undefined;
  }

  /** text returns the translation of what the hall has said: a text, or one in three languages. */
  text(said) {
    if (!said) return "";
    if (typeof said === "string") return said;
    return said[this.tag] || said["zh-Hans"] || said.en || "";
  }

  /** date writes a day, and time an instant, as they are in Asia/Shanghai. */
  date(at) {
    const { year, month, day } = parts(at);
    return this.tag === "en" ? `${day} ${monthNames[month - 1]} ${year}` : `${year}年${month}月${day}日`;
  }

  time(at) {
    const { hour, minute } = parts(at);
    return `${this.date(at)}${this.tag === "en" ? "," : ""} ${hour}:${minute}`;
  }
}

const monthNames = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const shanghai = 8 * 60 * 60 * 1000; // the zone has had no summer time since 1991

function parts(at) {
  const there = new Date(new Date(at).getTime() + shanghai);
  const two = (n) => String(n).padStart(2, "0");
  return {
    year: there.getUTCFullYear(), month: there.getUTCMonth() + 1, day: there.getUTCDate(),
    hour: two(there.getUTCHours()), minute: two(there.getUTCMinutes()),
  };
}

/** preferred is the language in which the app begins: the one chosen last, else that of the browser. */
export function preferred(chosen, browser) {
  if (languages.some(([tag]) => tag === chosen)) return chosen;
  for (const wanted of browser) {
    if (/^zh\b.*(hant|tw|hk|mo)\b/i.test(wanted)) return "zh-Hant";
    if (/^zh\b/i.test(wanted)) return "zh-Hans";
    if (/^en\b/i.test(wanted)) return "en";
  }
  return "zh-Hans";
}
