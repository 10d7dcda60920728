// Wide tables come from a large library: it is fetched when the first of them is about to be seen.
(function () {
  var library = null;
  function fetched() {
    library = library || new Promise(function (done, failed) {
      var script = document.createElement("script");
      script.src = document.querySelector("meta[name=tables]").content;
      script.onload = function () {
        var real = window.dash_ag_grid;
        // Tables stay what they were when the page is drawn again: the name keeps leading to the one that waits.
        window.dash_ag_grid = Object.assign({}, real, { AgGrid: Table });
        done(real.AgGrid);
      };
      script.onerror = function () { library = null; script.remove(); failed(new Error("the library of tables did not come")); };
      document.head.appendChild(script);
    });
    return library;
  }
  function near(node, call) {
    var watching = new IntersectionObserver(function (seen) {
      if (seen.some(function (one) { return one.isIntersecting; })) { watching.disconnect(); call(); }
    }, { rootMargin: "200px" });
    watching.observe(node);
    return function () { watching.disconnect(); };
  }
  function Table(props) {
    var place = React.useRef(null), state = React.useState(null), real = state[0];
    React.useEffect(function () {
      if (real) { return undefined; }
      var here = true, leave = near(place.current, function () {
        fetched().then(function (found) { if (here) { state[1]({ is: found }); } }, function () {});
      });
      return function () { here = false; leave(); };
    }, []);
    if (real) { return React.createElement(real.is, props); }
    var height = props.style && props.style.height || 38 + 40 * (props.rowData || []).length;
    return React.createElement("div", { ref: place, id: typeof props.id === "string" ? props.id : undefined, className: "skeleton", style: { height: height }, "aria-busy": "true", "aria-label": "loading" });
  }
  Table.dashRenderType = true;
  window.dash_ag_grid = { AgGrid: Table };
})();
