// Elements are made one by one and text stays text: the page's policy forbids markup made from strings.

const byId = (id) => document.getElementById(id);

function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== false && child != null && child !== ""));
  return made;
}

// Names keep to themselves, whichever way their letters run.
const name = (text, tag = "bdi") => el(tag, {}, text);

const SIGNS = {
  allowed: "✓", blocked: "✕", mixed: "◐", unknown: "?", "not-applicable": "–",
  error: "✕", warning: "!", note: "i", waived: "–",
  allow: "✓", forward: "→", deny: "✕", drop: "✕",
};

function mark(word, text) {
  return el("span", { class: `mark ${word}` }, el("span", { "aria-hidden": "true" }, SIGNS[word] ?? ""), ` ${text ?? word}`);
}

const plural = (number, word, many) => `${number.toLocaleString("en")} ${number === 1 ? word : many ?? word + "s"}`;

// A row of check boxes, all of them ticked; `changed` is told the set of those that are.
function choices(fieldset, words, changed) {
  const chosen = new Set(words.map(([word]) => word));
  for (const [word, label] of words) {
    const box = el("input", { type: "checkbox", checked: true });
    box.addEventListener("change", () => {
      if (box.checked) chosen.add(word);
      else chosen.delete(word);
      changed();
    });
    fieldset.append(el("label", {}, box, label));
  }
  return chosen;
}
