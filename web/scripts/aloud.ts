// Reads a text aloud with the browser's own voice. The button stays hidden where there is no script or no voice.
const voice = window.speechSynthesis;

/** The text of an element in pieces that a voice can read in one breath: engines stop in the middle of long ones. */
function piecesOf(root: HTMLElement): { text: string; lang: string }[] {
  const pieces: { text: string; lang: string }[] = [];
  for (const block of root.querySelectorAll<HTMLElement>("h2, h3, h4, p, li, dt, dd")) {
    const lang = block.closest<HTMLElement>("[lang]")?.lang ?? document.documentElement.lang;
    for (const sentence of (block.textContent ?? "").match(/[^。！？；.!?;\n]+[。！？；.!?;\n]?/g) ?? []) {
      const text = sentence.trim();
      if (text) pieces.push({ text, lang: lang.startsWith("zh-Hant") ? "zh-TW" : lang.startsWith("zh") ? "zh-CN" : lang });
    }
  }
  return pieces;
}

function offer(button: HTMLButtonElement): void {
  const root = document.getElementById(button.dataset.aloud ?? "");
  if (!root || !voice) return;
  const start = button.textContent ?? "";
  let under = false;
  const label = (text: string | undefined): void => void (button.textContent = text ?? start);
  button.hidden = false;
  button.addEventListener("click", () => {
    if (under && !voice.paused) {
      voice.pause();
      label(button.dataset.resume);
      return;
    }
    label(button.dataset.pause);
    if (under) {
      voice.resume();
      return;
    }
    under = true;
    const pieces = piecesOf(root);
    pieces.forEach(({ text, lang }, i) => {
      const one = new SpeechSynthesisUtterance(text);
      one.lang = lang;
      if (i === pieces.length - 1) one.onend = () => {
        under = false;
        label(start);
      };
      voice.speak(one);
    });
  });
  window.addEventListener("pagehide", () => voice.cancel());
}

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-aloud]")) offer(button);
