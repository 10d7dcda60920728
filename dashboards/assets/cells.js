// The cells of wide tables: made of elements and text, never of markup.
var dagcomponentfuncs = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
dagcomponentfuncs.Link = function (props) {
  var cell = props.value || {};
  if (!cell.href || cell.href.indexOf("/dash/") !== 0) { return React.createElement("span", null, cell.text || ""); }
  function go(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) { return; }
    event.preventDefault();
    history.pushState({}, "", cell.href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }
  return React.createElement("a", { href: cell.href, onClick: go, className: "cell-link" }, cell.text);
};
dagcomponentfuncs.Badge = function (props) {
  var cell = props.value || {};
  return React.createElement("span", { className: "badge tone-" + (cell.tone || "unknown") },
    React.createElement("span", { className: "icon icon-" + (cell.glyph || "unknown"), "aria-hidden": "true", style: { width: 13, height: 13 } }),
    React.createElement("span", null, cell.text || ""));
};
dagcomponentfuncs.Spark = function (props) {
  var cell = props.value || {};
  if (!cell.image) { return null; }
  return React.createElement("div", { className: "spark", role: "img", "aria-label": cell.said, style: { maskImage: cell.image, WebkitMaskImage: cell.image } });
};
var dagfuncs = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
dagfuncs.byOrder = function (a, b) {
  function order(cell) { return cell && cell.by !== null && cell.by !== undefined ? cell.by : null; }
  var one = order(a), other = order(b);
  if (one === null || other === null) { return one === other ? 0 : one === null ? -1 : 1; }
  if (Array.isArray(one)) { for (var i = 0; i < one.length; i++) { if (one[i] !== other[i]) { return one[i] - other[i]; } } return 0; }
  return typeof one === "string" ? one.localeCompare(other) : one - other;
};
