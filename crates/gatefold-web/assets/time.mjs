// Seconds in words. Pure.

/** Minutes and seconds, after hours where there are any. */
export function clock(seconds) {
  const [hours, minutes, rest] = parts(seconds);
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** The same for screen readers. */
export function spoken(seconds) {
  const [hours, minutes, rest] = parts(seconds);
  const part = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
  const said = [part(rest, "second")];
  if (hours || minutes) said.unshift(part(minutes, "minute"));
  if (hours) said.unshift(part(hours, "hour"));
  return said.join(" ");
}

function parts(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
}
