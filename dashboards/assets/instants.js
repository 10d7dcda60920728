// Instants in the viewer's zone. The text is changed inside its node: React keeps hold of the node itself.
(function () {
  var minute = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  var day = { day: "numeric", month: "short", year: "numeric" };
  function local(node) {
    var form = node.getAttribute("data-form"), text = node.firstChild;
    if (form === "ago" || !text || text.nodeType !== 3) { return; }
    var at = new Date(node.getAttribute("datetime"));
    if (isNaN(at)) { return; }
    var far = at.getFullYear() !== new Date().getFullYear() ? { year: "numeric" } : {};
    var said = form === "day" ? at.toLocaleDateString("en-GB", day) : at.toLocaleString("en-GB", Object.assign({}, minute, far));
    said = said.replace(",", "").replace("Sept", "Sep");
    if (text.nodeValue !== said) { text.nodeValue = said; }
  }
  function all(root) { if (root.querySelectorAll) { root.querySelectorAll("time.instant").forEach(local); } }
  new MutationObserver(function (changes) {
    changes.forEach(function (change) {
      var target = change.target.nodeType === 3 ? change.target.parentElement : change.target;
      if (target && target.matches && target.matches("time.instant")) { local(target); }
      change.addedNodes.forEach(function (node) { if (node.matches && node.matches("time.instant")) { local(node); } all(node); });
    });
  }).observe(document.documentElement, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["datetime"] });
})();
