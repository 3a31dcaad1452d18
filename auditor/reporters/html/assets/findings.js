// Findings: hidden and shown where they stand; groups by control or rule hold copies, made when one is opened.

const cards = data.cards.map((card, number) => ({ ...card, number, element: byId(`f${number}`), shown: true }));
const clusterGroups = [...document.querySelectorAll("#by-cluster > .group")].map((element) => ({
  element, wasOpen: element.open, cards: [],
}));
const groupOf = new Map(clusterGroups.map((group) => [group.element, group]));
for (const card of cards) groupOf.get(card.element.parentElement).cards.push(card);
const findings = { terms: [], by: "cluster", groups: [] };

function textsOfCards() {
  findings.texts ??= cards.map((card) => {
    const group = card.element.parentElement.querySelector("summary h3").textContent;
    return `${group} ${card.element.textContent}`.toLowerCase();
  });
  return findings.texts;
}

function filterFindings() {
  const texts = findings.terms.length > 0 ? textsOfCards() : null;
  let number = 0;
  for (const card of cards) {
    const shown = findings.words.has(card.word) && (!texts || findings.terms.every((term) => texts[card.number].includes(term)));
    if (shown) number++;
    if (shown !== card.shown) card.element.hidden = !shown;
    card.shown = shown;
  }
  if (findings.by === "cluster") showGroups(clusterGroups);
  else drawGroups();
  byId("findings-empty").hidden = number > 0 || cards.length === 0;
  return number;
}

function showGroups(groups) {
  const filtered = findings.terms.length > 0;
  const matching = groups.filter((group) => group.cards.some((card) => card.shown));
  for (const group of groups) {
    const matches = matching.includes(group);
    group.element.hidden = !matches && (filtered || group.cards.length > 0);
    group.element.open = filtered ? matches && matching.length <= 5 : group.wasOpen;
  }
}

const namesOf = (card) => (findings.by === "rule" ? [card.rule] : card.controls.length > 0 ? card.controls : ["no control"]);

function drawGroups() {
  const groups = new Map();
  for (const card of cards.filter((one) => one.shown)) {
    for (const group of namesOf(card)) groups.set(group, [...(groups.get(group) ?? []), card]);
  }
  byId("by-other").replaceChildren(...[...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([title, found]) => {
    const counted = new Map();
    for (const card of found) counted.set(card.word, (counted.get(card.word) ?? 0) + 1);
    const box = el("details", { class: "group" }, el("summary", {}, el("h3", {}, name(title)), " ",
      el("span", { class: "legend" }, ...[...counted].map(([word, number]) => mark(word, `${number} ${word}`)))));
    box.addEventListener("toggle", () => box.append(...found.map(copyOf)), { once: true });
    return box;
  }));
}

function copyOf(card) {
  const copy = card.element.cloneNode(true);
  copy.removeAttribute("id");
  copy.hidden = false;
  copy.open = false;
  const cluster = data.clusters[card.cluster]?.name;
  if (cluster) copy.querySelector(".subject").prepend(el("span", { class: "muted" }, name(cluster)), " ");
  const way = copy.querySelector(".way");
  if (way) way.replaceChildren(el("summary", {}, "Path"));
  return copy;
}

function drawWay(box) {
  if (box.querySelector(".path")) return;
  for (const [pools, path] of data.cards[box.dataset.card].paths) {
    box.append(drawPath(path, { from: pools ? `${pools.includes(",") ? "pools" : "pool"} ${pools}` : "" }));
  }
}

byId("findings").addEventListener("toggle", (event) => {
  if (event.target.matches?.(".way") && event.target.open) drawWay(event.target);
}, true);

byId("findings-groups").addEventListener("change", (event) => {
  findings.by = event.target.value;
  byId("by-cluster").hidden = findings.by !== "cluster";
  byId("by-other").hidden = findings.by === "cluster";
  filterFindings();
});

// A link to a group opens it.
function openTarget() {
  const target = /^#c\d+$/.test(location.hash) && document.querySelector(location.hash);
  if (!target) return;
  target.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", openTarget);

const words = new Map();
for (const card of cards) words.set(card.word, (words.get(card.word) ?? 0) + 1);
findings.words = choices(
  byId("findings-words"),
  ["error", "unknown", "warning", "note", "waived"].filter((word) => words.has(word)).map((word) => [word, mark(word, `${words.get(word)} ${word}`)]),
  filterFindings);
byId("findings-tools").hidden = cards.length === 0;
openTarget();
