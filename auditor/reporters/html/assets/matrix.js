// The matrix: rows are drawn as they are scrolled to, one cell at a time has the focus (a grid as ARIA describes it).

const grid = byId("grid");
const wrap = byId("grid-wrap");
const ROWS_AT_ONCE = 32; // a little more than a screen holds
const STATES = ["blocked", "mixed", "unknown", "allowed", "not-applicable"];

const matrix = {
  clustersDown: data.clusters.length > 6,
  terms: [],
  rows: [], // what the lines show: clusters or endpoints, by place
  columns: [],
  drawn: 0,
};

const clusterTexts = data.clusters.map((one) => `${one.name} ${one.about} ${one.id}`.toLowerCase());
const columnTexts = data.columns.map((one) => one.name.toLowerCase());
const stateOf = (row, column) => (data.clusters[row].cells[column] < 0 ? null : data.cells[data.clusters[row].cells[column]][0]);

// A cell is shown if each term occurs in its cluster or its endpoint, and its state is asked for.
function selectCells() {
  const states = matrix.states;
  const unneeded = byId("matrix-unneeded").checked;
  const rows = new Set();
  const columns = new Set();
  const columnHits = matrix.terms.map((term) => columnTexts.map((text) => text.includes(term)));
  data.clusters.forEach((cluster, row) => {
    const open = columnHits.filter((_, number) => !clusterTexts[row].includes(matrix.terms[number]));
    data.columns.forEach((column, place) => {
      if (!unneeded && !column.needed) return;
      if (!open.every((hits) => hits[place]) || !states.has(stateOf(row, place))) return;
      rows.add(row);
      columns.add(place);
    });
  });
  const ordered = (found) => [...found].sort((a, b) => a - b);
  matrix.clusters = ordered(rows);
  matrix.endpoints = ordered(columns);
}

function drawMatrix() {
  selectCells();
  const down = matrix.clustersDown;
  matrix.rows = down ? matrix.clusters : matrix.endpoints;
  matrix.columns = down ? matrix.endpoints : matrix.clusters;
  const selection = [down, matrix.rows, matrix.columns].join("|");
  if (selection === matrix.selection) return;
  matrix.selection = selection;
  const empty = matrix.rows.length === 0;
  byId("grid-wrap").hidden = empty;
  byId("matrix-empty").hidden = !empty;
  grid.className = down ? "dense" : "roomy";
  grid.setAttribute("aria-rowcount", matrix.rows.length + 1);
  grid.setAttribute("aria-colcount", matrix.columns.length + 1);
  sizeGrid();
  const heads = matrix.columns.map((place) => headCell("col", !down, place));
  grid.replaceChildren(
    el("thead", {}, el("tr", {}, el("th", { scope: "col", class: "corner" }, down ? "Cluster" : "Endpoint"), ...heads)),
    el("tbody", {}));
  matrix.drawn = 0;
  drawRows(ROWS_AT_ONCE);
  const first = grid.tBodies[0].rows[0]?.cells[1];
  if (first) first.tabIndex = 0;
  wrap.style.scrollPaddingTop = `${grid.tHead.offsetHeight + 4}px`; // no cell has the focus behind the heads
}

// Fixed columns: a browser that need not measure thousands of cells draws them several times faster.
function sizeGrid() {
  const longest = Math.max(8, ...matrix.rows.map((place) => nameOf(matrix.clustersDown, place).length));
  const first = `min(${Math.min(longest, 60)}ch + 1.8rem, 45vw)`;
  wrap.style.setProperty("--first", first);
  grid.style.width = `calc(${first} + ${matrix.columns.length} * ${matrix.clustersDown ? 1.85 : 9}rem)`;
}

const nameOf = (ofCluster, place) => (ofCluster ? data.clusters[place].name : data.columns[place].name);

function headCell(scope, ofCluster, place) {
  const text = nameOf(ofCluster, place);
  return el("th", { scope, title: text }, el("span", { class: "head" }, name(text)));
}

function drawRows(number) {
  const end = Math.min(matrix.drawn + number, matrix.rows.length);
  const lines = document.createDocumentFragment();
  for (; matrix.drawn < end; matrix.drawn++) {
    const place = matrix.rows[matrix.drawn];
    const line = el("tr", { "aria-rowindex": matrix.drawn + 2 }, headCell("row", matrix.clustersDown, place));
    for (const other of matrix.columns) {
      line.append(matrix.clustersDown ? drawCell(place, other) : drawCell(other, place));
    }
    lines.append(line);
  }
  grid.tBodies[0].append(lines);
}

const cellModels = new Map();

// Cells that look alike are copies of one model: thousands of them are drawn at each key pressed.
function drawCell(row, column) {
  const cell = cellAt(row, column);
  const waived = cardsAt(row, column).some((number) => data.cards[number].word === "waived");
  const look = `${cell?.state ?? "absent"}${cell?.required ? " required" : ""}${waived ? " waived" : ""}`;
  const key = `${look} ${matrix.clustersDown}`;
  if (!cellModels.has(key)) cellModels.set(key, cellModel(cell, look));
  return cellModels.get(key).cloneNode(true);
}

function cellModel(cell, look) {
  const model = el("td", { role: "gridcell", tabindex: "-1", class: `cell ${look}`, "aria-haspopup": cell && "dialog" });
  const spoken = cell ? look.replace("-", " ").replaceAll(/ (required|waived)/g, ", $1") : "not asked";
  model.setAttribute("aria-label", spoken);
  if (!cell) return model;
  model.append(SIGNS[cell.state]);
  if (!matrix.clustersDown) model.append(` ${spoken.replace(", required", "")}`);
  return model;
}

function placesOf(cell) {
  const row = matrix.rows[cell.parentElement.rowIndex - 1];
  const column = matrix.columns[cell.cellIndex - 1];
  return matrix.clustersDown ? [row, column] : [column, row];
}

function focusCell(row, column) {
  const line = Math.max(0, Math.min(row, matrix.rows.length - 1));
  if (line >= matrix.drawn) drawRows(line - matrix.drawn + ROWS_AT_ONCE);
  const cells = grid.tBodies[0].rows[line].cells;
  const next = cells[1 + Math.max(0, Math.min(column, matrix.columns.length - 1))];
  grid.querySelector("td[tabindex='0']")?.setAttribute("tabindex", "-1");
  next.tabIndex = 0;
  next.focus();
}

const MOVES = {
  ArrowUp: (row, column) => [row - 1, column],
  ArrowDown: (row, column) => [row + 1, column],
  ArrowLeft: (row, column) => [row, column - 1],
  ArrowRight: (row, column) => [row, column + 1],
  PageUp: (row, column) => [row - 10, column],
  PageDown: (row, column) => [row + 10, column],
  Home: (row, column, all) => [all ? 0 : row, 0],
  End: (row, column, all) => [all ? Infinity : row, Infinity],
};

grid.addEventListener("keydown", (event) => {
  const cell = event.target.closest("td");
  if (!cell || event.altKey || event.metaKey) return;
  if (event.key === "Enter" || event.key === " ") openCell(...placesOf(cell));
  else if (MOVES[event.key]) {
    focusCell(...MOVES[event.key](cell.parentElement.rowIndex - 1, cell.cellIndex - 1, event.ctrlKey));
  } else return;
  event.preventDefault();
});

grid.addEventListener("click", (event) => {
  const cell = event.target.closest("td");
  if (!cell) return;
  focusCell(cell.parentElement.rowIndex - 1, cell.cellIndex - 1);
  openCell(...placesOf(cell));
});

wrap.addEventListener("scroll", () => {
  if (matrix.drawn < matrix.rows.length && wrap.scrollTop + 2 * wrap.clientHeight > wrap.scrollHeight) drawRows(ROWS_AT_ONCE);
});

byId("matrix-swap").addEventListener("click", () => {
  matrix.clustersDown = !matrix.clustersDown;
  drawMatrix();
});
byId("matrix-unneeded").addEventListener("change", drawMatrix);

const occurring = new Set(data.cells.map((cell) => cell[0]));
matrix.states = choices(
  byId("matrix-states"),
  STATES.filter((state) => occurring.has(state)).map((state) => [state, mark(state, state.replace("-", " "))]),
  drawMatrix);
byId("matrix-body").hidden = false;
drawMatrix();
