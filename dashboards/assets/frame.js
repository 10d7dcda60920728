// What the frame does in the browser: addresses and controls kept in step, titles, keys.
window.dash_clientside = Object.assign({}, window.dash_clientside, {
  frame: {
    // A control's value goes into the address, and an address that changed by itself goes into the controls.
    keep: function (values, search, ids) {
      var dc = window.dash_clientside, none = dc.no_update, asked = new URLSearchParams(search || "");
      var moved = dc.callback_context.triggered.map(function (t) { return t.prop_id; });
      var byHand = moved.some(function (id) { return id.indexOf('"asked"') >= 0; });
      if (!byHand) {
        var wanted = ids.map(function (id) { return asked.has(id.name) ? asked.get(id.name) : id.default; });
        var differs = wanted.some(function (value, i) { return value !== (values[i] || ""); });
        return [differs ? wanted : ids.map(function () { return none; }), none];
      }
      ids.forEach(function (id, i) {
        var value = values[i] === null || values[i] === undefined ? "" : String(values[i]);
        if (value === id.default) { asked.delete(id.name); } else { asked.set(id.name, value); }
      });
      var next = asked.toString();
      next = next ? "?" + next : "";
      return [ids.map(function () { return none; }), next === (search || "") ? none : next];
    },
    // What takes long is begun when the slider that asks for it comes into sight.
    near: function () {
      var dc = window.dash_clientside, slider = document.getElementById("trial-slider");
      if (slider) {
        var watching = new IntersectionObserver(function (seen) {
          if (seen.some(function (one) { return one.isIntersecting; })) { watching.disconnect(); dc.set_props("trial-near", { data: 1 }); }
        });
        watching.observe(slider);
      }
      return dc.no_update;
    },
    narrow: function () { return window.innerWidth < 640 ? 1 : 0; },
    name: function (title) {
      if (title) { document.title = title; }
      return window.dash_clientside.no_update;
    },
    // What is shown, whether it was chosen or follows the system; charts are drawn once they know.
    scheme: function () {
      var root = document.documentElement;
      if (!window.monitorWatchesScheme) {
        window.monitorWatchesScheme = new MutationObserver(function () {
          window.dash_clientside.set_props("scheme-now", { data: root.getAttribute("data-mantine-color-scheme") });
        });
        window.monitorWatchesScheme.observe(root, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
      }
      return root.getAttribute("data-mantine-color-scheme") || "light";
    },
    // The form of an action opens at once: a page drawn anew meanwhile would else swallow the click.
    // What is sent is about the incident as it was then, whatever is drawn behind the form meanwhile.
    wish: function (_clicks, words, version) {
      var dc = window.dash_clientside, pressed = dc.callback_context.triggered[0], none = [];
      if (!pressed || !pressed.value) { for (var i = 0; i < 9; i++) { none.push(dc.no_update); } return none; }
      var name = JSON.parse(pressed.prop_id.slice(0, pressed.prop_id.lastIndexOf("."))).name, said = words[name];
      return [true, said.title, said.meaning, said.timeless, said.button, name, "", null, version];
    },
    fold: function (clicks) {
      if (clicks) {
        var folded = document.documentElement.classList.toggle("folded");
        try { localStorage.setItem("monitor-folded", folded ? "1" : "0"); } catch (e) { folded = null; }
      }
      return window.dash_clientside.no_update;
    },
    picture: function (clicks) {
      var drawn = document.querySelector("#explore .js-plotly-plot");
      if (clicks && drawn && window.Plotly) {
        var box = drawn.getBoundingClientRect(), ground = getComputedStyle(document.documentElement).getPropertyValue("--surface").trim();
        var layout = Object.assign({}, drawn.layout, { paper_bgcolor: ground });
        window.Plotly.downloadImage({ data: drawn.data, layout: layout }, { format: "png", width: Math.round(box.width), height: Math.round(box.height), scale: 2, filename: "chart" });
      }
      return window.dash_clientside.no_update;
    },
    copy: function (clicks) {
      if (!clicks) { return window.dash_clientside.no_update; }
      if (navigator.clipboard) { navigator.clipboard.writeText(window.location.href); }
      return "Copied";
    }
  }
});
(function () {
  var waiting = 0;
  function press(id) { var found = document.getElementById(id); if (found) { found.click(); } }
  document.addEventListener("keydown", function (event) {
    var at = event.target, typing = at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (Date.now() < waiting) {
      waiting = 0;
      var where = { o: "rail-overview", i: "rail-incidents", e: "rail-explore" }[event.key];
      if (where) { event.preventDefault(); press(where); return; }
    }
    if (event.key === "g") { waiting = Date.now() + 1500; }
    if (event.key === "?") { press("help-open"); }
    if (event.key === "/") {
      var search = document.querySelector("#page input[data-search], #page .search input");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
  });
})();
// A page whose server does not answer says since when; one whose session is over goes to the login.
(function () {
  var plain = window.fetch, lost = null;
  function say(words) { if (window.dash_clientside && window.dash_clientside.set_props) { window.dash_clientside.set_props("fresh", { children: words }); } }
  window.fetch = function (what) {
    var ours = String(what && what.url ? what.url : what).indexOf("_dash-update-component") >= 0;
    var answer = plain.apply(this, arguments);
    if (!ours) { return answer; }
    return answer.then(function (response) {
      if (response.status === 401) { window.location.reload(); }
      if (lost && response.ok) { lost = null; say(""); }
      return response;
    }, function (error) {
      if (!lost) { lost = new Date(); say("No connection since " + lost.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })); }
      throw error;
    });
  };
})();
