// Checks of single values, the same as the hall makes: they spare a way back, they decide nothing.
// A check returns null when the value is right, else {key, args}: the name of a message and what it is filled with.

const wrong = (key, args = {}) => ({ key, args });

/** tidy turns full-width signs into plain ones and removes spaces, as people type numbers. */
export function tidy(text) {
  return [...text.trim()].map((sign) => {
    const code = sign.codePointAt(0);
    return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : sign;
  }).join("").replace(/\s/g, "");
}

/** day reads a date of the calendar, "2026-03-09", and returns its midnight in UTC, or null. */
export function day(text) {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!found) return null;
  const [year, month, date] = found.slice(1).map(Number);
  const at = new Date(Date.UTC(year, month - 1, date));
  at.setUTCFullYear(year); // years before 100 are years, not those of 1900
  return year >= 1 && at.getUTCMonth() === month - 1 && at.getUTCDate() === date ? at : null;
}

// First two digits of the areas of GB/T 2260.
const provinces = new Set(("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82").split(" "));
const idWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const oldestPerson = 150; // years

/** idCard checks a citizen's identity number (公民身份号码, GB 11643) on the day `now`. */
export function idCard(text, now) {
  if (/^\d{15}$/.test(text)) return wrong("id.old");
  if (text.length !== 18) return wrong("id.length", { Got: [...text].length });
  const odd = [...text].findIndex((sign, i) => !(i === 17 ? /[\dX]/ : /\d/).test(sign));
  if (odd >= 0) return wrong("id.sign", { Place: odd + 1, Sign: text[odd] });
  const area = text[0] === "9" ? text.slice(1, 3) : text.slice(0, 2);
  if (text.slice(0, 2) !== "83" && !provinces.has(area)) return wrong("id.area", { Area: area });
  const born = day(`${text.slice(6, 10)}-${text.slice(10, 12)}-${text.slice(12, 14)}`);
  if (!born) return wrong("id.birth", { Date: text.slice(6, 14) });
  const years = (now - born) / (365.2425 * 24 * 60 * 60 * 1000);
  if (years < 0 || years > oldestPerson) return wrong("id.age", { Date: text.slice(6, 14) });
  const sum = idWeights.reduce((total, weight, i) => total + weight * Number(text[i]), 0);
  return text[17] === "10X98765432"[sum % 11] ? null : wrong("id.check");
}

const phonePattern = /^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$/;

export const phone = (text) => (phonePattern.test(text) ? null : wrong("phone"));

const usccSigns = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/** uscc checks a unified social credit code (统一社会信用代码, GB 32100). */
export function uscc(text) {
  if (text.length !== 18 || [...text].some((sign) => !usccSigns.includes(sign))) return wrong("uscc");
  let sum = 0;
  let weight = 1;
  for (const sign of text.slice(0, 17)) {
    sum += usccSigns.indexOf(sign) * weight;
    weight = (weight * 3) % 31;
  }
  return text[17] === usccSigns[(31 - (sum % 31)) % 31] ? null : wrong("uscc");
}

const emailPattern = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+$/;

/** formats are the checks by the name that a form gives them. An unknown one is left to the hall. */
export const formats = {
  "id-card": idCard, phone, uscc,
  email: (text) => (emailPattern.test(text) ? null : wrong("email")),
  date: (text) => (day(text) ? null : wrong("date")),
};

/** maskId keeps the first six and the last four signs of an identity number. */
export const maskId = (text) => (text.length < 14 ? "*".repeat(text.length) : text.slice(0, 6) + "*".repeat(text.length - 10) + text.slice(-4));
