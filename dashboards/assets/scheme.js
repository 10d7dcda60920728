// Chosen before anything is drawn, so that a dark page never flashes white. Loaded in the head.
(function () {
  var chosen = null, folded = null;
  try { chosen = localStorage.getItem("mantine-color-scheme-value"); folded = localStorage.getItem("monitor-folded"); } catch (e) { chosen = null; }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
  // The server draws charts by the clocks of whoever looks.
  try { document.cookie = "monitor-zone=" + Intl.DateTimeFormat().resolvedOptions().timeZone + "; path=/dash; max-age=31536000; samesite=strict"; } catch (e) { chosen = null; }
  if (folded === "1") { document.documentElement.classList.add("folded"); }
})();
