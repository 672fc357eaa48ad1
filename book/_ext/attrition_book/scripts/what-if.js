/* The what-if page: the closed forms of attrition/models/balance/arithmetic.py, and the form that feeds them. */
(function () {
  "use strict";

  /* ---- the closed forms: the same sums in the same order as in Python; a test compares them ---------------------- */

  function expect(fine, sentence) {
    if (!fine) throw new RangeError(sentence);
  }

  function breakEvenReturnShare(casualties, recruits, woundedPerKilled, otherExits) {
    expect(casualties > 0 && woundedPerKilled > 0, "Casualties and wounded for one killed must be above zero.");
    var killed = casualties / (1 + woundedPerKilled);
    return 1 - (recruits - killed - otherExits) / (casualties - killed);
  }

  function withOilPrice(recruits, recruitsPerUsd, oilUsd, oilNowUsd) {
    return Math.max(0, recruits + recruitsPerUsd * (oilUsd - oilNowUsd));
  }

  function arithmetic(given) {
    var flows = [given.recruits, given.casualties, given.other_exits, given.force, given.threshold];
    expect(flows.every(function (n) { return Number.isFinite(n) && n >= 0; }), "Numbers of persons are nought or more.");
    expect([given.return_share, given.new_unit_share].every(function (n) { return n >= 0 && n <= 1; }),
      "Shares lie between 0 and 100 %.");
    expect(given.threshold < given.force, "The mark must lie below today's force.");
    var staying = given.recruits * (1 - given.new_unit_share);
    var level = breakEvenReturnShare(given.casualties, staying, given.wounded_per_killed, given.other_exits);
    var killed = given.casualties / (1 + given.wounded_per_killed);
    var wounded = given.casualties - killed;
    var irrecoverable = killed + (1 - given.return_share) * wounded;
    var net = staying - irrecoverable - given.other_exits;
    return {
      killed: killed,
      wounded: wounded,
      irrecoverable: irrecoverable,
      irrecoverable_share: irrecoverable / given.casualties,
      net_monthly: net,
      break_even_return_share: level,
      months_to_threshold: net < 0 ? (given.force - given.threshold) / -net : Infinity
    };
  }

  window.AttritionBalance = { arithmetic: arithmetic, withOilPrice: withOilPrice };

  /* ---- words ------------------------------------------------------------------------------------------------------ */

  function number(n, decimals) {
    var text = Math.abs(n).toFixed(decimals || 0).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
    return (n < 0 && /[1-9]/.test(text) ? "−" : "") + text;
  }

  function percent(share) { return number(100 * share) + " %"; }

  function persons(n) {
    var step = Math.abs(n) >= 1000 ? 100 : 10;
    return number(Math.round(n / step) * step);
  }

  function sentence(found, given) {
    var change = Math.abs(found.net_monthly) < 5 ? "would stay as it is"
      : (found.net_monthly < 0 ? "would shrink" : "would grow") + " by about " + persons(Math.abs(found.net_monthly)) + " persons a month";
    var level = found.break_even_return_share;
    var even = level <= 0 ? "It would hold even if none of the wounded returned."
      : level > 1 ? "Even if all the wounded returned, it would shrink."
        : "It would stay level if " + percent(level) + " of the wounded returned.";
    var months = found.months_to_threshold;
    var mark = !given.threshold || !Number.isFinite(months) ? ""
      : " It would fall to " + number(given.threshold) + (months > 240 ? " in more than twenty years." : " in about " + number(months, months < 10 ? 1 : 0) + " months.");
    return "At these rates the force " + change + ". " + even + mark;
  }

  /* ---- the form --------------------------------------------------------------------------------------------------- */

  var form = document.querySelector("form.what-if");
  if (!form) return;
  var page = form.closest(".what-if-page");
  var fields = Array.from(form.querySelectorAll("input[type=number]"));
  var names = fields.map(function (field) { return field.name; });
  var spoken = page.querySelector(".what-if-sentence");
  var told = null;

  function slider(field) { return form.querySelector("input[type=range][data-for='" + field.name + "']"); }

  /* Shares are percentages for readers, shares of one everywhere else. */
  function scale(field) { return field.dataset.kind === "share" ? 100 : 1; }

  function show(field, text) { page.querySelectorAll("[data-result=" + field + "]").forEach(function (cell) { cell.textContent = text; }); }

  function read() {
    var given = names.indexOf("force") < 0 ? { force: 1, threshold: 0 } : {};
    fields.forEach(function (field) {
      var bad = field.value.trim() === "" || !field.validity.valid && !field.validity.stepMismatch;
      expect(!bad, field.dataset.label + ": a number from " + number(+field.min, 0) + " to " + number(+field.max, 0) + " is needed.");
      given[field.name] = Number(field.value) / scale(field);
    });
    return given;
  }

  function address(given) {
    return names.map(function (name) { return name + "=" + Number(given[name].toPrecision(12)); }).join("&");
  }

  function remember(given) {
    var query = "?" + address(given);
    try { history.replaceState(null, "", query); } catch (error) { location.hash = query.slice(1); }
    var command = page.querySelector(".what-if-command code");
    if (command) command.textContent = command.dataset.start + command.dataset.takes.split(" ").filter(function (name) { return names.indexOf(name) >= 0; }).map(function (name) {
      var told = name === "recruits" ? effective(given) : given[name];
      return " -p " + name + "=" + Number(told.toPrecision(6));
    }).join("");
  }

  function effective(given) {
    if (!("oil_usd" in given)) return given.recruits;
    return withOilPrice(given.recruits, given.recruits_per_usd, given.oil_usd, Number(form.dataset.oilNow));
  }

  function update(keep) {
    fields.forEach(function (field) {
      var bad = field.value.trim() === "" || !field.validity.valid && !field.validity.stepMismatch;
      field.setAttribute("aria-invalid", String(bad));
    });
    var words;
    try {
      var given = read();
      var recruits = effective(given);
      var found = arithmetic(Object.assign({}, given, { recruits: recruits }));
      words = sentence(found, given);
      show("recruits", persons(recruits));
      show("killed", persons(found.killed));
      show("returning", persons(given.return_share * found.wounded));
      show("irrecoverable", persons(found.irrecoverable));
      show("net_monthly", (found.net_monthly > 0 ? "+" : "") + persons(found.net_monthly));
      show("break_even_return_share", percent(found.break_even_return_share));
      show("months_to_threshold", Number.isFinite(found.months_to_threshold) ? number(found.months_to_threshold, found.months_to_threshold < 10 ? 1 : 0) : "not reached");
      page.classList.toggle("what-if-shrinks", found.net_monthly < 0);
      if (keep) remember(given);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      words = error.message;
      ["recruits", "killed", "returning", "irrecoverable", "net_monthly", "break_even_return_share", "months_to_threshold"]
        .forEach(function (name) { show(name, "–"); });
    }
    clearTimeout(told); /* said once the hand rests, not at every step of a slider */
    told = setTimeout(function () { spoken.textContent = words; }, spoken.textContent ? 250 : 0);
  }

  function set(field, value) {
    field.value = value;
    if (slider(field)) slider(field).value = value;
  }

  function restore() {
    var query = new URLSearchParams(location.search || location.hash.slice(1));
    fields.forEach(function (field) {
      var text = query.get(field.name);
      var given = text === null || text.trim() === "" ? NaN : Number(text) * scale(field);
      if (Number.isFinite(given)) set(field, Number(given.toPrecision(12)));
    });
  }

  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", function (event) {
    var field = event.target;
    if (field.type === "range") form.elements[field.dataset.for].value = field.value;
    else if (slider(field) && field.value !== "") slider(field).value = field.value;
    update(true);
  });
  page.querySelector(".start-again").addEventListener("click", function () {
    fields.forEach(function (field) { set(field, field.dataset.start); });
    update(true);
    history.replaceState(null, "", location.pathname);
  });
  page.querySelector(".copy-link").addEventListener("click", function (event) {
    remember(read());
    window.attritionCopy(location.href, event.currentTarget);
  });
  page.querySelectorAll("a.what-if-scenario").forEach(function (link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      history.replaceState(null, "", link.getAttribute("href"));
      restore();
      update(true);
      form.scrollIntoView({ block: "nearest" });
    });
  });

  restore();
  update(false);
})();
