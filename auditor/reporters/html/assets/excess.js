// What leaves beyond the policy: a table that is drawn as far as it is read.

const EXCESS_AT_ONCE = 25;
const excess = { terms: [], own: [], rows: [], drawn: 0 };
const KINDS = {
  forbidden: ["error", "forbidden"],
  excess: ["error", "excess"],
  unneeded: ["note", "not needed here"],
  undetermined: ["unknown", "undetermined"],
};

const excessSets = data.excess.map(([cluster, kind, pools, subnet, sources, destinations, addresses, services, witness, rule, path, codes], number) => {
  const hop = rule < 0 ? null : hopAt(rule);
  const by = hop ? [hop.resourceName || hop.stage, hop.rule].filter(Boolean).join(", ") : codes.join(", ");
  return { number, cluster, kind, pools, subnet, sources, destinations, addresses, services, witness, by, path, codes };
});

function textsOfSets() {
  excess.texts ??= excessSets.map((set) => [data.clusters[set.cluster].name, set.kind, ...set.pools, set.subnet, set.by,
    set.services, set.witness, ...listAt(set.destinations).members.slice(0, 20)].join(" ").toLowerCase());
  return excess.texts;
}

function drawExcess() {
  if (!byId("excess-body")) return 0;
  const terms = [...excess.terms, ...excess.own];
  const texts = terms.length > 0 ? textsOfSets() : null;
  const cluster = byId("excess-cluster").value;
  excess.rows = excessSets.filter((set, number) => excess.kinds.has(set.kind)
    && (cluster === "" || set.cluster === Number(cluster))
    && (!texts || terms.every((term) => texts[number].includes(term))));
  const selection = excess.rows.map((set) => set.number).join();
  if (selection === excess.selection) return excess.rows.length;
  excess.selection = selection;
  byId("excess-rows").replaceChildren();
  byId("excess-empty").hidden = excess.rows.length > 0;
  excess.drawn = 0;
  drawSets(EXCESS_AT_ONCE);
  return excess.rows.length;
}

function drawSets(number) {
  const next = excess.rows.slice(excess.drawn, excess.drawn + number);
  byId("excess-rows").append(...next.map(drawSet));
  excess.drawn += next.length;
  const left = excess.rows.length - excess.drawn;
  byId("excess-more").hidden = left === 0;
  byId("excess-more").textContent = `Show more (${left.toLocaleString("en")} left)`;
}

function drawSet(set) {
  const open = el("button", { type: "button", class: "link" }, name(set.witness));
  open.addEventListener("click", () => openSet(set));
  return el("tr", {},
    el("td", {}, mark(...KINDS[set.kind])),
    el("td", {}, name(data.clusters[set.cluster].name)),
    el("td", {}, name(set.pools.join(", ")), set.subnet && el("span", { class: "muted" }, " ", name(set.subnet))),
    el("td", {}, name(set.by)),
    el("td", {}, name(set.services)),
    el("td", {}, name(shortened(listAt(set.destinations), 3))),
    el("td", { class: "number" }, set.addresses == null ? "names" : set.addresses.toLocaleString("en")),
    el("td", {}, open));
}

function openSet(set) {
  const destinations = listAt(set.destinations);
  const from = `${set.pools.length > 1 ? "pools" : "pool"} ${set.pools.join(", ")}`;
  openDialog(
    [name(set.services), el("span", { class: "muted" }, " from ", name(data.clusters[set.cluster].name))],
    el("p", { class: "legend" }, mark(...KINDS[set.kind])),
    el("dl", {},
      el("dt", {}, "from"), el("dd", {}, name(`${from} ${shortened(listAt(set.sources))}`)),
      el("dt", {}, set.kind === "undetermined" ? "open by" : "let out by"), el("dd", {}, name(set.by)),
      el("dt", {}, "to"), el("dd", {}, el("div", { class: "members" }, name(shortened(destinations, destinations.members.length)))),
      el("dt", {}, "for example"), el("dd", {}, el("code", {}, name(set.witness))),
      ...(set.codes.length > 0 ? [el("dt", {}, "assumes"), el("dd", {}, codeList(set.codes))] : [])),
    set.path >= 0 && el("section", { class: "answer" }, el("h3", {}, "Path of the example"), drawPath(set.path, { from, to: set.witness })));
}

if (byId("excess-body")) {
  const kinds = new Map();
  for (const set of excessSets) kinds.set(set.kind, (kinds.get(set.kind) ?? 0) + 1);
  excess.kinds = choices(byId("excess-kinds"),
    Object.keys(KINDS).filter((kind) => kinds.has(kind)).map((kind) => [kind, mark(KINDS[kind][0], `${kinds.get(kind)} ${KINDS[kind][1]}`)]),
    drawExcess);
  const concerned = [...new Set(excessSets.map((set) => set.cluster))];
  byId("excess-cluster").append(el("option", { value: "" }, "all"),
    ...concerned.map((place) => el("option", { value: place }, data.clusters[place].name)));
  byId("excess-cluster").addEventListener("change", drawExcess);
  byId("excess-search").addEventListener("input", (event) => {
    excess.own = termsOf(event.target.value);
    drawExcess();
  });
  byId("excess-more").addEventListener("click", () => drawSets(EXCESS_AT_ONCE * 4));
  byId("excess-body").hidden = false;
  drawExcess();
}
