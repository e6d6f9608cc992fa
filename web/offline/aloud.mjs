// Reads a page aloud with the browser's own voice. It works off line where the device has a voice of its own.

const voices = { "zh-Hans": "zh-CN", "zh-Hant": "zh-TW", en: "en" };

const breath = 80; // characters: about a quarter of a minute in Chinese, after which some engines fall silent

/**
 * sentences cuts the words of an element into pieces that a voice can read in one breath: engines stop in the middle of long ones. A point
 * within a number or an address ends no sentence; a sentence that is too long is cut at its commas.
 */
export function sentences(text) {
  return text.split(/(?<=[。！？；!?;])|(?<=\.)(?=\s)|\n+/).flatMap(breaths).map((one) => one.trim().replace(/\s+/g, " ")).filter(Boolean);
}

function breaths(sentence) {
  if (sentence.length <= breath) return [sentence];
  const pieces = [""];
  for (const part of sentence.split(/(?<=[，、：])|(?<=,)(?=\s)/)) {
    if (pieces.at(-1) && pieces.at(-1).length + part.length > breath) pieces.push("");
    pieces[pieces.length - 1] += part;
  }
  return pieces;
}

export class Aloud {
  constructor(voice = globalThis.speechSynthesis) {
    this.voice = voice;
    this.reading = false;
  }

  get possible() {
    return Boolean(this.voice);
  }

  /** toggle begins to read the blocks of an element, or stops; ended is called when it is over. */
  toggle(root, tag, ended) {
    if (this.reading) {
      this.stop();
      ended();
      return;
    }
    const blocks = [...root.querySelectorAll("h1, h2, h3, p, li, dt, dd, legend, label")].filter((block) => block.offsetParent !== null);
    const pieces = blocks.flatMap((block) => sentences(block.textContent ?? ""));
    if (pieces.length === 0) return;
    this.reading = true;
    pieces.forEach((piece, i) => {
      const one = new SpeechSynthesisUtterance(piece);
      one.lang = voices[tag];
      one.rate = 0.9;
      if (i === pieces.length - 1) {
        one.onend = () => {
          this.reading = false;
          ended();
        };
      }
      this.voice.speak(one);
    });
  }

  stop() {
    this.reading = false;
    this.voice?.cancel();
  }
}
