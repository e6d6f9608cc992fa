// Reads a part of a page aloud with the browser's own voice. The buttons stay hidden where there is no script or no voice.
//
//   <button data-aloud="title text" data-pause="Pause" data-resume="Go on" data-stop="Stop" hidden>Read aloud</button>
//
// data-aloud names the elements that are read, in their order; each part of them is read in the language that it is marked with.
import { sentences } from "../offline/aloud.mjs";

const voice = window.speechSynthesis;
const blocks = "h1, h2, h3, h4, p, li, dt, dd, figcaption, legend";

// What reads at the moment is stopped when something else on the page begins.
let stopOther: (() => void) | undefined;

/** The text of an element in pieces that a voice can read in one breath, each with its language. */
function piecesOf(root: HTMLElement): { text: string; lang: string }[] {
  const all = root.matches(blocks) ? [root] : [...root.querySelectorAll<HTMLElement>(blocks)];
  // What stands within another block is read with it, once.
  return all.filter((block) => block === root || !root.contains(block.parentElement!.closest(blocks))).flatMap((block) => {
    const lang = block.closest<HTMLElement>("[lang]")?.lang ?? document.documentElement.lang;
    const spoken = lang.startsWith("zh-Hant") ? "zh-TW" : lang.startsWith("zh") ? "zh-CN" : lang;
    return sentences(block.textContent ?? "").map((text: string) => ({ text, lang: spoken }));
  });
}

function offer(button: HTMLButtonElement): void {
  const start = button.textContent ?? "";
  let state: "silent" | "reading" | "paused" = "silent";
  let run = 0; // which reading it is: what an earlier one still reports does not count

  const stop = document.createElement("button");
  stop.type = "button";
  stop.className = button.className;
  stop.textContent = button.dataset.stop ?? "";
  stop.hidden = true;
  button.after(" ", stop);

  const become = (next: typeof state): void => {
    state = next;
    button.textContent = (state === "reading" ? button.dataset.pause : state === "paused" ? button.dataset.resume : undefined) ?? start;
    if (state === "silent" && document.activeElement === stop) button.focus(); // the focus is not lost with the button that goes
    stop.hidden = state === "silent";
  };
  const end = (): void => {
    run++;
    voice.cancel();
    voice.resume(); // some engines stay paused for what they are told next
    become("silent");
  };
  const begin = (): void => {
    const pieces = (button.dataset.aloud ?? "").split(" ").flatMap((id) => {
      const root = document.getElementById(id);
      return root ? piecesOf(root) : [];
    });
    if (pieces.length === 0) return;
    stopOther?.();
    stopOther = end;
    end();
    become("reading");
    const mine = run;
    pieces.forEach(({ text, lang }, i) => {
      const one = new SpeechSynthesisUtterance(text);
      one.lang = lang;
      const over = (): void => void (mine === run && end());
      if (i === pieces.length - 1) one.onend = over;
      one.onerror = over; // such as no voice for this language
      voice.speak(one);
    });
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    if (state === "silent") begin();
    else if (state === "reading") {
      voice.pause();
      become("paused");
    } else {
      voice.resume();
      become("reading");
    }
  });
  stop.addEventListener("click", end);
  window.addEventListener("pagehide", () => void (state !== "silent" && end()));
}

// Many browsers load their voices behind the page, and tell when they have some.
function offerAll(): void {
  if (voice.getVoices().length === 0) return;
  voice.removeEventListener?.("voiceschanged", offerAll);
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-aloud][hidden]")) offer(button);
}

if (voice) {
  voice.addEventListener?.("voiceschanged", offerAll);
  offerAll();
}
