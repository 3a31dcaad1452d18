// Paths, drawn hop by hop: a line of stations to see at a glance, then each station with what decided there.

function shortened(list, shown = 8) {
  const more = list.total - Math.min(shown, list.members.length);
  return list.members.slice(0, shown).join(", ") + (more > 0 ? ` and ${more.toLocaleString("en")} more` : "");
}

function line(hops) {
  const stations = [el("li", { class: "station" }, "source")];
  let stopped = false;
  for (const hop of hops) {
    stations.push(el("li", { class: `station ${hop.effect}${stopped ? " beyond" : ""}` },
      el("span", { class: "sign" }, SIGNS[hop.effect] ?? "?"), hop.stage));
    stopped ||= hop.effect === "deny" || hop.effect === "drop";
  }
  return el("ol", { class: "line", "aria-hidden": "true" }, ...stations);
}

function station(hop, blockers) {
  const blocker = blockers.find(([place]) => place === hop.place);
  const decides = blocker || hop.effect === "deny" || hop.effect === "drop" ? "stops it" : hop.effect === "unknown" ? "leaves it open" : "";
  const alone = blocker && blockers.length > 1
    ? (blocker[1] ? "would suffice alone" : "does not suffice alone") : "";
  return el("li", { class: `hop ${hop.effect}${decides ? " decides" : ""}` },
    el("div", { class: "hop-head" },
      el("span", { class: "stage" }, hop.stage),
      hop.resourceName && el("span", { class: "device", title: hop.resourceId }, name(hop.resourceName)),
      el("span", { class: "effect" }, el("span", { "aria-hidden": "true" }, SIGNS[hop.effect] ?? "?"), ` ${hop.effect}`),
      decides && el("strong", { class: "decision" }, alone ? `${decides}, ${alone}` : decides)),
    el("div", { class: "hop-why" },
      hop.rule != null && el("span", {}, hop.stage === "route" ? "route " : "rule ", el("code", {}, name(hop.rule)),
        hop.priority != null ? ` priority ${hop.priority}` : ""),
      hop.rule == null && hop.effect === "deny" && !hop.remark && el("span", {}, "denied by default"),
      hop.remark && el("span", {}, name(hop.remark)),
      hop.codes.length > 0 && el("span", {}, hop.codes.join(", ")),
      hop.clause && el("span", { class: "clause", title: "clause of the semantics reference" }, hop.clause)));
}

// `from` and `to` are what stands at the two ends.
function drawPath(place, { from = "", to = "", blockers = [] } = {}) {
  const hops = pathAt(place);
  const steps = hops.map((hop) => station(hop, blockers));
  if (from) steps.unshift(el("li", { class: "hop end" }, el("div", { class: "hop-head" }, el("span", { class: "stage" }, "source"), name(from))));
  if (to) steps.push(el("li", { class: "hop end" }, el("div", { class: "hop-head" }, el("span", { class: "stage" }, "to"), name(to))));
  const missing = blockers.filter(([at]) => !hops.some((hop) => hop.place === at)).map(([at]) => station(hopAt(at), blockers));
  return el("div", { class: "path" }, line(hops), el("ol", { class: "hops" }, ...steps),
    missing.length > 0 && el("p", { class: "muted" }, "It is stopped as well by:"),
    missing.length > 0 && el("ol", { class: "hops" }, ...missing));
}

function codeList(codes) {
  return el("ul", {}, ...codes.map((code) =>
    el("li", {}, el("code", {}, code), data.codes[code] ? el("span", { class: "muted" }, ` ${data.codes[code]}`) : "")));
}

function drawPiece(piece, from, alone) {
  const parts = [piece.services.total > 0 ? `${shortened(piece.services)} to ` : "", shortened(piece.destinations)];
  const size = piece.addresses > 0 ? ` (${plural(piece.addresses, "address", "addresses")})` : "";
  const ends = { from: `${from} ${shortened(piece.sources)}`.trim(), to: parts.join("") + size, blockers: piece.blockers };
  if (alone) return drawPath(piece.path, ends);
  const head = el("summary", {}, mark(piece.verdict), " ", name(parts.join("")), size,
    piece.aside ? el("span", { class: "tag" }, "set aside") : "");
  const box = el("details", { class: "piece" }, head);
  box.addEventListener("toggle", () => box.append(drawPath(piece.path, ends)), { once: true });
  return box;
}

function drawAnswer(answer, from) {
  const rows = [];
  const add = (word, ...content) => rows.push(el("dt", {}, word), ...content.map((one) => el("dd", {}, one)));
  if (answer.reasons.length > 0) add("open by", codeList(answer.reasons));
  if (answer.assumptions.length > 0) add("assumes", codeList(answer.assumptions));
  if (answer.notes.length > 0) add("note", ...answer.notes.map((note) => name(note)));
  const alone = answer.pieces.length === 1;
  return [rows.length > 0 && el("dl", {}, ...rows), ...answer.pieces.map((piece) => drawPiece(piece, from, alone))];
}
