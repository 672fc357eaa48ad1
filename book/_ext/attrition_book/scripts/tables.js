/* Long generated tables: a field that keeps the rows with all the words typed, and a citation for each value. */
(function () {
  "use strict";
  var LONG = 15;

  function plain(element) { return element ? element.textContent.replace(/\s+/g, " ").trim() : ""; }

  function filtered(tables) {
    var rows = tables.flatMap(function (table) { return Array.from(table.tBodies[0].rows); });
    var words = rows.map(function (row) { return plain(row).toLowerCase(); });
    var box = document.createElement("div");
    box.className = "table-filter";
    box.innerHTML = '<label>Find <input type="search" autocomplete="off" spellcheck="false"></label> <span role="status"></span>';
    var field = box.querySelector("input"), told = box.querySelector("[role=status]");
    function keep() {
      var sought = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      var shown = 0;
      rows.forEach(function (row, place) {
        var fits = sought.every(function (word) { return words[place].indexOf(word) >= 0; });
        row.hidden = !fits;
        shown += fits;
      });
      tables.forEach(function (table) {
        table.classList.toggle("nothing-found", !Array.from(table.tBodies[0].rows).some(function (row) { return !row.hidden; }));
      });
      told.textContent = sought.length ? shown + " of " + rows.length + " rows" : rows.length + " rows";
    }
    field.addEventListener("input", keep);
    window.addEventListener("hashchange", function () { field.value = ""; keep(); }); /* a link to a hidden row shows it */
    var first = tables[0].closest(".table-scroll") || tables[0];
    first.before(box);
    keep();
  }

  function citation(row) {
    function cell(name) { return plain(row.querySelector("td[data-label='" + name + "']")); }
    var head = row.cells[0], interval = cell("Interval"), edition = plain(document.querySelector(".edition")).split("·")[0];
    var name = plain(head.firstChild), book = plain(document.querySelector(".logo__title"));
    var day = new Date().toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
    return name + ": " + cell("Value") + (interval ? ", interval " + interval : "") + "; data to " + cell("As of") + ". "
      + book + ", " + edition.replace(/data to .*/, "").trim() + ". " + location.href.split("#")[0] + "#" + head.id + " (read " + day + ").";
  }

  var tables = Array.from(document.querySelectorAll("article table.room"));
  var long = tables.filter(function (table) { return table.tBodies[0].rows.length > LONG; });
  if (long.length) filtered(tables);

  tables.forEach(function (table) {
    if (!table.querySelector("td[data-label='Value']")) return;
    Array.from(table.tBodies[0].rows).forEach(function (row) {
      if (!row.cells[0].id) return;
      var button = document.createElement("button");
      button.type = "button";
      button.className = "copy-citation";
      button.textContent = "Cite";
      button.title = "Copy a citation of this value";
      button.addEventListener("click", function () { window.attritionCopy(citation(row), button); });
      row.cells[0].append(" ", button);
    });
  });
})();
