// What concerns the device: how fresh its pack is, its room, another PIN, and deleting everything at the end.
import { button, errorSummary, heading, input, para, rows, sure, under } from "./controls.mjs";
import { h } from "./dom.mjs";
import { TooSoon, Wiped, WrongPin } from "./vault.mjs";
import { pinErrors, pinPair } from "./view-lock.mjs";
import { size } from "./view-form.mjs";

export function device(app) {
  const { t } = app;
  const waiting = app.drafts.all().filter((d) => d.state !== "taken").length;
  const room = h("span", {}, "…");
  const lasting = h("span", {}, "…");
  app.room().then(({ used, all, persisted }) => {
    room.textContent = t("device.room-of", { Used: size(used), All: size(all) });
    lasting.textContent = t(persisted ? "device.persisted" : "device.not-persisted");
  }, app.trouble);
  return [
    heading(t("device.title")),
    rows([
      [t("device.agent"), app.text(app.pack.agent.name)], [t("device.place"), app.text(app.pack.division.name)],
      [t("device.pack"), app.words.time(app.pack.made)], [t("device.items"), String(app.pack.items.length)], [t("device.villagers"), String(app.pack.villagers.length)],
      [t("device.room"), room], [t("device.lasting"), lasting], [t("device.version"), app.version],
    ]),
    h("div", { class: "govuk-button-group" },
      button(t("device.fetch"), () => app.fetchPack(), { disabled: !app.online }),
      app.install && button(t("device.install"), () => app.installApp(), { kind: "secondary" }),
      button(t("device.lock"), () => app.lock(), { kind: "secondary" })),
    app.packSays && para(h("span", { role: "status" }, t(app.packSays))),
    under(t("pin.change")), changePin(app),
    under(t("device.leave")), para(t("device.leave-text")),
    sure(t, t("device.leave-button"), waiting > 0 ? t("device.leave-lost", { Count: waiting }) : t("device.leave-sure"), () => app.leave()),
  ];
}

function changePin(app) {
  const { t } = app;
  const box = h("div", {});
  const show = (errors = {}, says = "") => {
    const form = h("form", { class: "oh-offline__form", novalidate: true, onsubmit: async (event) => {
      event.preventDefault();
      const [old, pin, again] = ["old", "pin", "again"].map((name) => form.elements[name].value);
      const wrong = old === "" ? { old: t("pin.empty") } : pinErrors(t, pin, again);
      if (wrong) return show(wrong);
      app.busy(form);
      try {
        await app.vault.change(old, pin);
        show({}, t("pin.changed"));
      } catch (reason) {
        if (reason instanceof Wiped) return app.wiped();
        if (reason instanceof TooSoon) return show({ old: t("pin.soon", { Time: app.clock(reason.until) }) });
        if (!(reason instanceof WrongPin)) throw reason;
        show({ old: t("pin.wrong", { Count: reason.left }) });
      }
    } },
    input(t, { id: "old", type: "password", label: t("pin.old"), error: errors.old }, { inputmode: "numeric", maxlength: 64 }),
    pinPair(t, errors), button(t("pin.change"), null, { type: "submit", kind: "secondary" }));
    const list = Object.entries(errors).map(([id, text]) => ({ id, text }));
    box.replaceChildren(...[list.length > 0 && errorSummary(t, list), says && h("p", { class: "govuk-body", role: "status" }, says), form].filter(Boolean));
    box.querySelector(".govuk-error-summary")?.focus();
  };
  show();
  return box;
}
