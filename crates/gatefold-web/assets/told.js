// A refusal as it stands on a page: the reason, and what can be done.

/** The elements that say it; `retry` is what trying again does. */
export function told({ text, actions, wait }, retry) {
  const reason = document.createElement("span");
  reason.className = "reason";
  reason.textContent = wait === null ? text : `${text} It is tried again in ${wait} seconds.`;
  const row = document.createElement("span");
  row.className = "row";
  row.append(...actions.map((action) => does(action, retry)));
  return actions.length ? [reason, row] : [reason];
}

function does({ label, href }, retry) {
  const control = document.createElement(href ? "a" : "button");
  control.className = "quiet";
  control.textContent = label;
  if (!href) {
    control.type = "button";
    control.addEventListener("click", retry);
    return control;
  }
  control.href = href;
  if (control.origin !== location.origin) {
    // Whoever supports somebody comes back to a page that still plays.
    control.target = "_blank";
    control.rel = "noopener noreferrer";
  }
  return control;
}
