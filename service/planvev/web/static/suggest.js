// Suggestions while somebody writes in a search box: things by their names, from /search/suggest. A combobox with a list
// (WAI-ARIA 1.2): arrows choose, Enter opens what is chosen, Escape closes, Tab goes on. Without it the box searches.
const WAIT = 120; // milliseconds after the last letter
const FEWEST = 2; // letters

for (const input of document.querySelectorAll("form[role=search] input[type=search]")) {
  const form = input.form;
  const language = form.elements.namedItem("lang")?.value;
  const list = document.createElement("ul");
  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
  form.append(list);
  for (const [name, value] of Object.entries({ role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) {
    input.setAttribute(name, value);
  }
  let chosen = -1;
  let timer;
  let asking;

  const choose = (number) => {
    chosen = number;
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === number)));
    if (number < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", list.children[number].id);
      list.children[number].scrollIntoView({ block: "nearest" });
    }
  };

  const show = (rows) => {
    const kept = rows.findIndex(([, , address]) => address === list.children[chosen]?.dataset.address);
    list.replaceChildren(
      ...rows.map(([name, kind, address], number) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${number}`;
        option.setAttribute("role", "option");
        option.dataset.address = address;
        const sort = document.createElement("span");
        sort.className = "meta";
        sort.textContent = kind;
        option.append(name, sort);
        return option;
      }),
    );
    list.hidden = rows.length === 0;
    input.setAttribute("aria-expanded", String(rows.length > 0));
    choose(kept); // what was chosen stays so while more letters come
  };

  const open = (option) => {
    const there = new URL(option.dataset.address); // only its path: the host is the one that this page came from
    if (language) there.searchParams.set("lang", language);
    location.assign(there.pathname + there.search + there.hash);
  };

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const text = input.value.trim();
    if (text.length < FEWEST) return show([]);
    const query = new URLSearchParams({ q: text, ...(language ? { lang: language } : {}) });
    try {
      const answer = await fetch(`/search/suggest?${query}`, { signal: asking.signal });
      if (!answer.ok) return show([]);
      const [, names, kinds, addresses] = await answer.json();
      show(names.map((name, number) => [name, kinds[number], addresses[number]]));
    } catch (fault) {
      if (fault.name !== "AbortError") show([]);
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    const count = list.hidden ? 0 : list.children.length;
    if (event.key === "Escape" && count) show([]);
    else if (event.key === "Enter" && count && chosen >= 0) open(list.children[chosen]);
    else if (event.key === "ArrowDown" && count) choose((chosen + 2) % (count + 1) - 1);
    else if (event.key === "ArrowUp" && count) choose((chosen + count + 1) % (count + 1) - 1);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", () => show([]));
  list.addEventListener("mousedown", (event) => event.preventDefault()); // or the box loses the focus before the click
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) open(option);
  });
}
