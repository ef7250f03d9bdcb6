// The keys belong to the app as soon as it shows something: nobody has to click first.
const watch = new MutationObserver(() => {
  const keys = document.querySelector(".xterm-helper-textarea");
  if (keys === null || !document.body.classList.contains("-first-byte")) return;
  watch.disconnect();
  keys.focus();
});
watch.observe(document.body, { attributes: true, attributeFilter: ["class"] });
