/* What pages do beyond plain HTML and CSS. Everything can be read without it. */
(function () {
  "use strict";

  /* Escape closes the note of a number until the pointer or the focus has left it. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll(".value:hover, .value:focus-within").forEach(function (value) {
      value.classList.add("dismissed");
    });
  });
  ["mouseout", "focusout"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var value = event.target.closest && event.target.closest(".value.dismissed");
      if (value && !value.contains(event.relatedTarget)) value.classList.remove("dismissed");
    });
  });

  /* Copying, for the buttons that offer it: the button says that it is done. */
  window.attritionCopy = function (text, button) {
    var before = button.dataset.before || (button.dataset.before = button.textContent);
    function done() {
      button.textContent = "Copied";
      setTimeout(function () { button.textContent = before; }, 1600);
    }
    function byHand() { /* where a page may not use the clipboard, such as one opened from a folder */
      var area = document.createElement("textarea");
      area.value = text;
      area.className = "off-screen";
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      done();
    }
    if (navigator.clipboard && navigator.clipboard.writeText) navigator.clipboard.writeText(text).then(done, byHand);
    else byHand();
  };

  /* How old the data are on the day of reading. A series is overdue when two of its turns were missed. What the page
     says without a script holds for the edition's cutoff; on an older edition it stays. */
  function since(day) { return Math.floor((Date.now() - Date.parse(day)) / 86400000); }
  function ago(days) {
    if (days < 14) return days + (days === 1 ? " day ago" : " days ago");
    return days < 120 ? Math.round(days / 7) + " weeks ago" : Math.round(days / 30.44) + " months ago";
  }
  var cutoff = document.querySelector("meta[name=data-cutoff]"), edition = document.querySelector(".edition-day");
  if (cutoff && edition && since(cutoff.content) > 0) edition.append(", " + ago(since(cutoff.content)));
  if (!document.querySelector(".edition-older")) {
    document.querySelectorAll(".age[data-last]").forEach(function (age) {
      var days = since(age.dataset.last), late = days > 2 * Number(age.dataset.cadence);
      age.classList.toggle("overdue", late);
      if ("days" in age.dataset) age.textContent = ago(Math.max(0, days)) + (late ? ", overdue" : "");
      else if (late && !/, overdue$/.test(age.textContent)) age.textContent += ", overdue";
    });
    var late = document.querySelector(".edition-late");
    if (late) {
      var ages = late.dataset.ages.split(" ").map(function (one) { return one.split("/"); });
      var count = ages.filter(function (one) { return since(one[0]) > 2 * Number(one[1]); }).length;
      late.hidden = count === 0;
      late.textContent = count + " of " + ages.length + " regular series overdue";
    }
  }

  /* Paper is light: a page in the dark theme is printed in the light one, with all its pictures. */
  var root = document.documentElement, theme = null;
  window.addEventListener("beforeprint", function () {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    document.querySelectorAll("img.only-light").forEach(function (image) { image.loading = "eager"; });
  });
  window.addEventListener("afterprint", function () { if (theme) root.dataset.theme = theme; });

  /* "On this page" marks the section being read. */
  var links = new Map();
  document.querySelectorAll(".bd-sidebar-secondary .toc-entry > a").forEach(function (link) {
    var section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (section) links.set(section, link);
  });
  function mark() {
    var here = null;
    links.forEach(function (link, section) {
      if (section.getBoundingClientRect().top < 120) here = link;
    });
    links.forEach(function (link) {
      link.classList.toggle("here", link === here);
      if (link === here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  }
  if (links.size) {
    var waiting = false;
    window.addEventListener("scroll", function () {
      if (waiting) return;
      waiting = true;
      window.requestAnimationFrame(function () { waiting = false; mark(); });
    }, { passive: true });
    mark();
  }

  /* Search. Opened from a folder, a page may not fetch its neighbours: then titles are shown without excerpts. */
  if (typeof Search === "undefined" || typeof DOCUMENTATION_OPTIONS === "undefined") return;
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

  /* Excerpts hold the words of the page (no notes, no code), around the first word sought; words come as stems. */
  Search.makeSearchSummary = function (html, stems) {
    var spaced = html.replace(/<\/(p|td|th|li|dt|dd|h\d)>/g, " $&");
    var article = new DOMParser().parseFromString(spaced, "text/html").querySelector("article");
    if (!article) return null;
    article.querySelectorAll(".headerlink, .edition, .value-note, .figure-table, .figure-files, .cell_input, summary, h1, script, style")
      .forEach(function (part) { part.remove(); });
    var text = article.textContent.replace(/\s+/g, " ").trim();
    var lower = text.toLowerCase();
    var found = Array.from(stems, function (stem) {
      var whole = lower.indexOf(stem);
      return whole >= 0 ? whole : lower.indexOf(stem.slice(0, -1));
    }).filter(function (place) { return place >= 0; });
    var start = found.length ? Math.max(0, text.lastIndexOf(" ", Math.min.apply(null, found) - 80) + 1) : 0;
    var end = text.indexOf(" ", start + 220);
    var excerpt = document.createElement("p");
    excerpt.className = "context";
    excerpt.textContent = (start ? "… " : "") + text.slice(start, end < 0 ? text.length : end) + (end < 0 ? "" : " …");
    return excerpt;
  };
})();
