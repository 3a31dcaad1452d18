// The search of the whole page, and what printing needs.

const search = byId("search");

function termsOf(text) {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

function applySearch() {
  const terms = termsOf(search.value);
  matrix.terms = terms;
  findings.terms = terms;
  excess.terms = terms;
  drawMatrix();
  const found = filterFindings();
  const sets = drawExcess();
  byId("search-status").textContent = terms.length === 0 ? ""
    : `${plural(matrix.rows.length, "row")} of the matrix, ${plural(found, "finding")}, ${plural(sets, "set")} of excess`;
}

search.addEventListener("input", applySearch);
search.hidden = false;

// The first letter typed should not wait for the texts of everything.
(globalThis.requestIdleCallback ?? setTimeout)(() => {
  textsOfCards();
  textsOfSets();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input, select, textarea") || dialog.open) return;
  event.preventDefault();
  search.focus();
});

// Paper cannot be scrolled or opened: everything that the filters leave is drawn before it is printed.
addEventListener("beforeprint", () => {
  drawRows(Infinity);
  if (byId("excess-body")) drawSets(1000);
  const shown = findings.by === "cluster" ? cards.filter((card) => card.shown).map((card) => card.element)
    : [...document.querySelectorAll("#by-other .card")];
  for (const way of shown.flatMap((element) => [...element.querySelectorAll(".way")])) drawWay(way);
});
