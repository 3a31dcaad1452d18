// One dialog for all cells and sets. The browser keeps the focus inside, closes it by Escape and gives the focus back.

const dialog = byId("path");
const dialogBody = byId("path-body");

function openDialog(title, ...content) {
  const close = el("button", { type: "button", class: "quiet", "aria-label": "Close" }, "Close");
  close.addEventListener("click", () => dialog.close());
  dialogBody.replaceChildren(
    el("div", { class: "dialog-head" }, el("h2", { id: "path-title" }, ...title), close),
    ...content.flat(Infinity).filter(Boolean));
  dialog.showModal();
  dialog.scrollTop = 0;
}

dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close(); // beside its content: the backdrop
});

function sourceText(cluster, places) {
  const bySubnet = new Map();
  for (const place of places) {
    const [pool, subnet] = cluster.sources[place] ?? ["", ""];
    bySubnet.set(subnet, [...(bySubnet.get(subnet) ?? []), pool]);
  }
  return [...bySubnet].map(([subnet, pools]) =>
    `${pools.length > 1 ? "pools" : "pool"} ${pools.join(", ")}${subnet ? ` (${subnet})` : ""}`).join("; ");
}

function openCell(row, column) {
  const cell = cellAt(row, column);
  if (!cell) return;
  const cluster = data.clusters[row];
  const needs = cell.needs.map(needAt);
  openDialog(
    [name(needs[0].to), el("span", { class: "muted" }, " from ", name(cluster.name))],
    el("p", { class: "legend" }, mark(cell.state), el("span", { class: "muted" },
      cell.state === "not-applicable" ? "" : cell.required ? "required" : "recommended, or perhaps needed")),
    needsOf(needs),
    cell.answers.map(([places, answer]) => {
      const found = answerAt(answer);
      const from = sourceText(cluster, places);
      return el("section", { class: "answer" }, el("h3", {}, mark(found.outcome), " from ", name(from)),
        ...drawAnswer(found, from).filter(Boolean));
    }),
    remediesOf(row, column));
}

function needsOf(needs) {
  const rows = needs.flatMap((need) => [
    el("dt", {}, need.applies === false ? "not needed" : need.applies === null ? "perhaps" : "needed"),
    el("dd", {}, [need.purpose, need.condition && `(${need.condition})`].filter(Boolean).join(" "), " ",
      need.unread.length > 0 ? `not read: ${need.unread.join(", ")} ` : "",
      el("span", { class: "muted small" }, `${need.id}, ${need.origins.join(", ")}`)),
  ]);
  const breaks = [...new Set(needs.filter((need) => need.applies !== false).map((need) => need.breaks).filter(Boolean))];
  return el("dl", {}, ...rows, ...(breaks.length > 0 ? [el("dt", {}, "breaks")] : []), ...breaks.map((text) => el("dd", {}, text)));
}

// What the findings say of it: their text stands in the page already.
function remediesOf(row, column) {
  return cardsAt(row, column).map((number) => {
    const card = byId(`f${number}`);
    const copy = card.querySelector(".inside").cloneNode(true);
    copy.querySelectorAll(".way, .ids").forEach((one) => one.remove());
    return el("section", { class: "answer" }, el("h3", {}, mark(data.cards[number].word), " finding"), copy);
  });
}
