"use strict";

// This script filters and copies; the page can be read without it.

const form = document.querySelector("#filters");
const cards = [...document.querySelectorAll("article")];

function matches(card, select) {
  return !select.value || card.dataset[select.name].split("\n").includes(select.value);
}

function filter() {
  const selects = [...form.querySelectorAll("select")];
  for (const card of cards) {
    card.hidden = !selects.every((select) => matches(card, select));
  }
  const shown = cards.filter((card) => !card.hidden).length;
  const all = `${cards.length} ${cards.length === 1 ? "finding" : "findings"}`;
  document.querySelector("#count").textContent =
    shown === cards.length ? all : `${shown} of ${all}`;
}

async function copy(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return "Copied";
  } catch {
    // There is no clipboard, or no permission.
  }
  getSelection().selectAllChildren(source);
  return document.execCommand("copy") ? "Copied" : "Selected, but not copied: press Ctrl+C";
}

if (form) {
  form.addEventListener("change", filter);
  form.hidden = false;
  filter(); // browsers may restore an earlier choice
}

for (const button of document.querySelectorAll("[data-copies]")) {
  button.addEventListener("click", async () => {
    const status = button.nextElementSibling;
    status.textContent = "";
    status.textContent = await copy(document.getElementById(button.dataset.copies));
  });
  button.parentElement.hidden = false;
}
