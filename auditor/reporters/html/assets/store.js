// The data of the page: tables whose rows name rows of other tables by place. See store.py for their columns.

const data = JSON.parse(byId("data").textContent);

function hopAt(place) {
  const [stage, resource, rule, priority, effect, clause, remark, codes] = data.hops[place];
  const [resourceName, resourceId] = resource < 0 ? ["", ""] : data.resources[resource];
  return { place, stage, resourceName, resourceId, rule, priority, effect, clause, remark, codes };
}

const pathAt = (place) => data.paths[place].map(hopAt);

function listAt(place) {
  if (place < 0) return { total: 0, members: [] };
  const [total, ...members] = data.lists[place];
  return { total, members };
}

function answerAt(place) {
  const [outcome, assumptions, reasons, pieces, notes] = data.answers[place];
  return { outcome, assumptions, reasons, pieces: pieces.map(pieceOf), notes };
}

function pieceOf([verdict, aside, sources, destinations, addresses, services, path, blockers]) {
  return {
    verdict, aside, addresses, path, blockers,
    sources: listAt(sources), destinations: listAt(destinations), services: listAt(services),
  };
}

function needAt(place) {
  const [id, to, level, applies, condition, purpose, breaks, origins, unread] = data.needs[place];
  return { id, to, level, applies, condition, purpose, breaks, origins, unread };
}

function cellAt(row, column) {
  const place = data.clusters[row].cells[column];
  if (place < 0) return null;
  const [state, required, needs, answers] = data.cells[place];
  return { state, required: Boolean(required), needs, answers };
}

// Findings about one cell, by cluster and column.
const cardsOfCell = new Map();
data.cards.forEach((card, number) => {
  if (card.column < 0) return;
  const key = `${card.cluster}/${card.column}`;
  if (!cardsOfCell.has(key)) cardsOfCell.set(key, []);
  cardsOfCell.get(key).push(number);
});
const cardsAt = (row, column) => cardsOfCell.get(`${row}/${column}`) ?? [];
