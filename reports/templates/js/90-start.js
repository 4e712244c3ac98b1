// The page reads without this: it only adds search, citation buttons and open details on paper.
(() => {
  const byId = (id) => document.getElementById(id);
  const items = [...document.querySelectorAll("[data-find]")];
  const words = new Map();
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const textOf = (item) => {
    if (!words.has(item)) words.set(item, fold(item.textContent));
    return words.get(item);
  };
  const search = () => {
    const wanted = fold(byId("search").value.trim());
    let shown = 0;
    for (const item of items) {
      item.hidden = wanted !== "" && !textOf(item).includes(wanted);
      if (!item.hidden) shown += 1;
    }
    byId("found").textContent = wanted ? `${shown} of ${items.length} shown` : "";
  };
  const copied = (button, done) => {
    button.textContent = done ? "copied" : "not copied";
    setTimeout(() => { button.textContent = "copy citation"; }, 1500);
  };
  for (const holder of document.querySelectorAll("[data-cite]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "copy citation";
    button.addEventListener("click", () => {
      const write = navigator.clipboard
        ? navigator.clipboard.writeText(holder.dataset.cite)
        : Promise.reject(new Error("no clipboard"));
      write.then(() => copied(button, true), () => copied(button, false));
    });
    holder.append(" ", button);
  }
  byId("tools").hidden = false;
  byId("search").addEventListener("input", search);
  byId("open").addEventListener("click", () => {
    const all = [...document.querySelectorAll("details")];
    const open = all.some((one) => !one.open);
    for (const one of all) one.open = open;
    byId("open").textContent = open ? "close all" : "open all";
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== byId("search")) {
      event.preventDefault();
      byId("search").focus();
    } else if (event.key === "Escape" && document.activeElement === byId("search")) {
      byId("search").value = "";
      search();
    }
  });
  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
})();
