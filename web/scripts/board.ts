// What the pages of the board gain from a script: charts drawn from the tables that are there anyhow, and figures that change by
// themselves. Loaded on these pages alone.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, type EChartsType, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

// The colours of desk.scss. Words and the table say the same.
const navy = "#0b3a5b";
const teal = "#0a7a80";
const lit = ["#2f7d4f", "#c9a227", "#d9730d", "#b3261e"]; // in time, about to be due, past the promise, past the law

/** What a table says: the headings of its columns, the names of its rows, and their numbers. */
interface Sheet {
  columns: string[];
  names: string[];
  values: number[][];
}

function numberOf(cell: Element): number {
  return Number((cell.textContent ?? "").replace(/[^\d.-]/g, "")) || 0;
}

function read(table: HTMLTableElement): Sheet {
  const text = (node: Element): string => (node.textContent ?? "").trim();
  const rows = [...table.querySelectorAll("tbody tr")];
  return {
    columns: [...table.querySelectorAll("thead th")].slice(1).map(text),
    names: rows.map((row) => text(row.querySelector("th") ?? row)),
    values: rows.map((row) => [...row.querySelectorAll("td")].map(numberOf)),
  };
}

// The words of a tooltip are drawn as text, so that nothing of the page becomes markup. Nothing moves: the figures do.
const common = {
  animation: false,
  textStyle: { fontFamily: '"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif', fontSize: 13 },
  tooltip: { trigger: "axis", renderMode: "richText", confine: true },
  grid: { left: 8, right: 24, top: 36, bottom: 8, containLabel: true },
  legend: { top: 0 },
};

const shown = 12; // bars beneath each other; the table has them all

function lineOption(sheet: Sheet): EChartsCoreOption {
  return {
    ...common,
    color: [navy, teal, lit[2], lit[0]],
    xAxis: { type: "category", data: sheet.names },
    yAxis: { type: "value", minInterval: 1 },
    series: sheet.columns.map((name, i) => ({
      name, type: "line", symbol: i === 0 ? "circle" : "rect", symbolSize: 6, lineStyle: { type: i === 0 ? "solid" : "dashed", width: 2 },
      data: sheet.values.map((row) => row[i]),
    })),
  };
}

function lampsOption(sheet: Sheet): EChartsCoreOption {
  return {
    ...common,
    legend: undefined,
    grid: { ...common.grid, top: 8, right: 48 },
    xAxis: { type: "value", minInterval: 1 },
    yAxis: { type: "category", inverse: true, data: sheet.names },
    series: [{
      type: "bar", barMaxWidth: 26, label: { show: true, position: "right" },
      data: sheet.values.map((row, i) => ({ value: row[0], itemStyle: { color: lit[i] } })),
    }],
  };
}

/** A bar for each row, of its first number, in the order of the table. */
function rowsOption(sheet: Sheet): EChartsCoreOption {
  const short = (name: string): string => (name.length > 18 ? name.slice(0, 17) + "…" : name);
  return {
    ...common,
    legend: undefined,
    color: [navy],
    grid: { ...common.grid, top: 8, right: 48 },
    xAxis: { type: "value", minInterval: 1 },
    yAxis: { type: "category", inverse: true, data: sheet.names.map(short) },
    series: [{ type: "bar", barMaxWidth: 22, label: { show: true, position: "right" }, data: sheet.values.map((row) => row[0]) }],
  };
}

/** Rows by open cases, each bar divided by lamp. The columns are those of the board: open, paused, received, ended, then the lamps. */
function placesOption(sheet: Sheet, inTime: string): EChartsCoreOption {
  const order = sheet.values.map((_, i) => i).sort((a, b) => sheet.values[b][0] - sheet.values[a][0]).slice(0, shown);
  const parts = [(row: number[]) => row[0] - row[4] - row[5] - row[6], ...[4, 5, 6].map((i) => (row: number[]) => row[i])];
  const short = (name: string): string => (name.length > 14 ? name.slice(0, 13) + "…" : name);
  return {
    ...common,
    color: lit,
    xAxis: { type: "value", minInterval: 1 },
    yAxis: { type: "category", inverse: true, data: order.map((i) => short(sheet.names[i])) },
    series: [inTime, ...sheet.columns.slice(4, 7)].map((name, k) => ({
      name, type: "bar", stack: "open", barMaxWidth: 22, itemStyle: { borderColor: "#fff", borderWidth: 1 },
      data: order.map((i) => parts[k](sheet.values[i])),
    })),
  };
}

interface Drawn {
  figure: HTMLElement;
  chart: EChartsType;
  picture: HTMLElement;
}

const drawn: Drawn[] = [];

function draw({ figure, chart, picture }: Drawn): void {
  const table = figure.querySelector("table");
  if (!table) return;
  const sheet = read(table);
  const kind = figure.dataset.chart;
  if (kind === "rows") picture.style.height = `${30 + 34 * sheet.names.length}px`;
  if (kind === "bar") picture.style.height = `${70 + 34 * Math.min(sheet.names.length, shown)}px`;
  chart.resize({ width: picture.clientWidth });
  chart.setOption(kind === "line" ? lineOption(sheet) : kind === "rows" ? rowsOption(sheet) : kind === "lamps" ? lampsOption(sheet) : placesOption(sheet, inTime()), true);
}

/** The word for cases in time, as the table of lamps has it. */
function inTime(): string {
  return document.querySelector("[data-chart=lamps] tbody th")?.textContent?.trim() ?? "";
}

function begin(): void {
  for (const figure of document.querySelectorAll<HTMLElement>("[data-chart]")) {
    const picture = figure.querySelector<HTMLElement>("[data-chart-picture]");
    const text = figure.querySelector<HTMLElement>("[data-chart-text]");
    if (!picture || !figure.querySelector("table")) continue;
    picture.hidden = false;
    picture.setAttribute("role", "img");
    if (text) {
      text.hidden = false;
      picture.setAttribute("aria-label", text.textContent ?? "");
    }
    const one = { figure, picture, chart: init(picture, null, { renderer: "svg" }) };
    drawn.push(one);
    draw(one);
  }
  let waiting = 0;
  window.addEventListener("resize", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => drawn.forEach(draw));
  });
}

/** Follows the stream of changed figures while the page is looked at. A page in the background must not keep a connection. */
function follow(box: HTMLElement): void {
  const address = box.dataset.liveFrom;
  const state = box.querySelector<HTMLElement>("[data-live-state]");
  const button = box.querySelector<HTMLButtonElement>("[data-live-switch]");
  if (!address || !state || !button || !("EventSource" in window)) return;
  let source: EventSource | undefined;
  let stopped = false;
  const say = (words: string | undefined, colour: string): void => {
    if (words && state.textContent !== words) state.textContent = words;
    state.className = `govuk-tag govuk-tag--${colour}`;
  };
  const close = (): void => {
    source?.close();
    source = undefined;
  };
  const open = (): void => {
    if (source || stopped || document.hidden) return;
    source = new EventSource(address);
    source.addEventListener("open", () => say(box.dataset.liveOn, "green"));
    source.addEventListener("error", () => say(box.dataset.liveLost, "orange"));
    source.addEventListener("figures", (event) => change(JSON.parse(event.data) as Record<string, string>));
    source.addEventListener("new-day", () => location.reload());
    source.addEventListener("finished", () => {
      close();
      stopped = true;
      location.reload(); // the sign-in page says what to do
    });
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    stopped = !stopped;
    button.textContent = (stopped ? button.dataset.go : button.dataset.stop) ?? "";
    if (stopped) {
      close();
      say(box.dataset.liveOff, "grey");
    } else open();
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  open();
}

/** Puts changed figures in their places, marks them for a moment, and draws anew what they are drawn in. */
function change(figures: Record<string, string>): void {
  const touched = new Set<Element>();
  for (const place of document.querySelectorAll<HTMLElement>("[data-live]")) {
    const text = figures[place.dataset.live ?? ""];
    if (text === undefined || place.textContent === text) continue;
    place.textContent = text;
    if (place.dataset.live === "fresh") continue;
    place.classList.remove("oh-live__changed");
    requestAnimationFrame(() => place.classList.add("oh-live__changed"));
    const figure = place.closest("[data-chart]");
    if (figure) touched.add(figure);
  }
  drawn.filter((one) => touched.has(one.figure)).forEach(draw);
}

begin();
document.querySelectorAll<HTMLElement>("[data-live-from]").forEach(follow);
