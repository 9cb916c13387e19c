// Takes the exchange token out of the address before anything else, and redeems it.

import "./copy.js";

const landing = document.getElementById("landing");
const token = new URLSearchParams(location.search).get("exchange_token");
history.replaceState(null, "", location.pathname);

const heading = document.getElementById("heading");

function show(id, title) {
  heading.textContent = title;
  document.querySelector("#working [role=status]").hidden = true;
  document.getElementById(id).hidden = false;
}

function fail(why) {
  document.getElementById("why").textContent = why;
  show("failed", "That did not work");
}

async function redeem() {
  let answer;
  try {
    answer = await fetch("/auth/exchange", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ exchange_token: token }),
    });
  } catch {
    return fail("The site could not be reached. Begin again when you are online.");
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.status === 401) {
    return fail("This sign-in took longer than a minute, was finished already, or began in another browser.");
  }
  if (!answer.ok) {
    const detail = body.detail ?? "Something went wrong";
    return fail(`${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`);
  }
  if (body.session_id) {
    document.getElementById("token-text").textContent = body.session_id;
    return show("token", "Your token");
  }
  location.replace(landing.dataset.next);
}

if (!token) {
  fail("There is nothing to finish here: a sign-in ends on this page only once.");
} else if (landing.dataset.for === "command_line" && landing.dataset.port) {
  // Only a person takes the code to the program: the page alone cannot know who started it.
  const there = new URL(`http://127.0.0.1:${landing.dataset.port}/`);
  there.searchParams.set("exchange_token", token);
  document.getElementById("bring").href = there.href;
  document.getElementById("waiting-code").textContent = token;
  show("waiting", "Sign a program in?");
} else if (landing.dataset.for === "command_line") {
  document.getElementById("code-text").textContent = token;
  show("code", "Back to your program");
} else {
  await redeem();
}
