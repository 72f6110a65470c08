// Find as you type in a list of categories. Without this file the whole list is there to read.
"use strict";
for (const list of document.querySelectorAll("[data-find]")) {
  const items = Array.from(list.children, (item) => {
    const link = item.querySelector("[href], [value]");
    const place = link.getAttribute("href") || link.value;
    return [item, (item.textContent + " " + place).toLowerCase()];
  });
  const label = document.createElement("label");
  const field = document.createElement("input");
  const found = document.createElement("output");
  field.type = "search";
  field.autocomplete = "off";
  label.className = "find";
  label.append(list.dataset.find, " ", field, " ", found);
  list.before(label);
  const show = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let number = 0;
    for (const [item, text] of items) {
      item.hidden = !words.every((word) => text.includes(word));
      if (!item.hidden) number += 1;
    }
    found.textContent = words.length ? list.dataset.found.replace("{}", number) : "";
  };
  field.addEventListener("input", show);
  // Within a form, Enter would send it.
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  if (field.value) show();
}
