// Charts that share their time: zooming one zooms all, and the pointer on one shows the same window on the others.
(function () {
  var busy = false, waiting = null;
  function others(plot) {
    return Array.prototype.filter.call(document.querySelectorAll(".chart.linked .js-plotly-plot"), function (other) {
      return other !== plot && other.offsetParent !== null && other._fullLayout;
    });
  }
  function zoomed(plot, event) {
    var begin = event["xaxis.range[0]"], end = event["xaxis.range[1]"], back = event["xaxis.autorange"];
    if (busy || (!back && (begin === undefined || end === undefined))) { return; }
    busy = true;
    var range = back ? plot.dataset.whole && JSON.parse(plot.dataset.whole) : [begin, end];
    var all = back ? others(plot).concat([plot]) : others(plot);
    Promise.all(all.map(function (other) { return range && window.Plotly.relayout(other, { "xaxis.range": range }); }))
      .then(function () { busy = false; }, function () { busy = false; });
  }
  function pointed(plot, event) {
    var at = event.points && event.points[0] && event.points[0].x;
    if (at === undefined || waiting) { return; }
    waiting = requestAnimationFrame(function () {
      waiting = null;
      others(plot).forEach(function (other) {
        if (other._fullLayout.hovermode === "x") { window.Plotly.Fx.hover(other, { xval: Date.parse(String(at).replace(" ", "T") + "Z") }, "xy"); }
      });
    });
  }
  function left(plot) { others(plot).forEach(function (other) { window.Plotly.Fx.unhover(other); }); }
  document.addEventListener("mouseover", function (event) {
    var plot = event.target.closest && event.target.closest(".chart.linked .js-plotly-plot");
    if (!plot || plot.dataset.whole || !plot.on || !plot._fullLayout) { return; }
    plot.dataset.whole = JSON.stringify(plot._fullLayout.xaxis.range);
    plot.on("plotly_relayout", function (moved) { zoomed(plot, moved); });
    plot.on("plotly_hover", function (over) { if (over.event) { pointed(plot, over); } });
    plot.on("plotly_unhover", function (out) { if (out.event) { left(plot); } });
  });
})();
