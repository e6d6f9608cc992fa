// The list of drafts, and what can be done with all of them.
import { button, heading, inset, link, para, tag, under, warning } from "./controls.mjs";
import { oldAfter } from "./drafts.mjs";
import { h } from "./dom.mjs";

const colours = { writing: "grey", ready: "blue", sending: "yellow", taken: "green", conflict: "red", bad: "orange" };
const order = ["conflict", "bad", "sending", "ready", "writing", "taken"];

export const stateTag = (app, draft) => tag(app.t(`state.${draft.state === "ready" && draft.unsure ? "unsure" : draft.state}`), colours[draft.state]);

/** shown is how many drafts of one state are listed at first. */
const shown = 50;

export function list(app) {
  const { t } = app;
  const drafts = app.drafts.all().sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || b.made - a.made);
  const ready = drafts.filter((d) => d.state === "ready" || d.state === "sending").length;
  return [
    heading(t("list.title")),
    para(t("list.who", { Name: app.text(app.pack.agent.name), Place: app.text(app.pack.division.name) })),
    h("div", { class: "govuk-button-group" }, h("a", { class: "govuk-button", role: "button", draggable: "false", href: "#/new" }, t("list.new")),
      ready > 0 && button(t("list.handin", { Count: ready }), () => app.handIn(true), { kind: "secondary", disabled: !app.online })),
    status(app),
    drafts.length === 0 && inset(para(t("list.none"))),
    order.map((state) => section(app, state, drafts.filter((d) => d.state === state))),
    under(t("list.more")),
    h("ul", { class: "govuk-list oh-offline__links" },
      h("li", {}, link(t("device.title"), "#/device")),
      h("li", {}, link(t("list.agent"), "/agent"))),
  ];
}

/** status says what the queue does. It is read out when it changes. */
export function status(app) {
  const { t } = app;
  const says = {
    busy: () => t("queue.busy"), line: () => t(app.online ? "queue.later" : "queue.line"), signin: () => t("queue.signin"), forbidden: () => t("queue.forbidden"),
    other: () => t("queue.other"), full: () => t("error.full"), trouble: () => t("error.other"),
  }[app.queueState];
  if (!says) return null;
  return inset(para(says()), app.queueState === "signin" && para(link(t("signin"), "/signin?next=%2Fagent%2Foffline%2F")));
}

function section(app, state, drafts) {
  const { t } = app;
  if (drafts.length === 0) return null;
  const rest = h("div", {});
  const rows = drafts.map((draft) => row(app, draft));
  if (rows.length > shown) {
    rest.append(button(t("list.rest", { Count: rows.length - shown }), () => rest.replaceChildren(h("ul", { class: "oh-offline__drafts" }, rows.slice(shown))), { kind: "secondary" }));
  }
  return h("section", {}, under(`${t(`state.${state}`)} (${drafts.length})`), h("ul", { class: "oh-offline__drafts" }, rows.slice(0, shown)), rest);
}

function row(app, draft) {
  const { t } = app;
  const old = draft.state !== "taken" && app.now() - draft.made > oldAfter;
  return h("li", { class: "oh-offline__draft" },
    h("div", {}, link(app.text(draft.itemName), `#/draft/${draft.id}`, { class: "govuk-link oh-offline__open" }),
      h("span", { class: "oh-offline__of" }, draft.villagerName ? `${draft.villagerName} · ` : "", app.words.time(draft.made)),
      draft.answer && h("span", { class: "oh-offline__number" }, draft.answer.number),
      old && h("span", { class: "oh-offline__old" }, t("list.old"))),
    stateTag(app, draft));
}

/** notices are what every unlocked view says at its head: another agent, a pack that is old, no room, a new version. */
export function notices(app) {
  const { t } = app;
  return [
    app.update && h("div", { class: "govuk-notification-banner", role: "region", "aria-labelledby": "update-title" },
      h("div", { class: "govuk-notification-banner__header" }, h("h2", { class: "govuk-notification-banner__title", id: "update-title" }, t("update.title"))),
      h("div", { class: "govuk-notification-banner__content" }, para(t("update.text")), button(t("update.now"), () => app.takeUpdate()))),
    app.foreign && warning(t, t("queue.other")),
    app.full && warning(t, t("error.full")),
    app.packOld && inset(para(t("pack.old", { Time: app.words.time(app.pack.made) }))),
  ];
}
