import assert from "node:assert/strict";
import { test } from "node:test";

import { explain } from "../../../crates/gatefold-web/assets/edge-words.mjs";
import { goodFor, isBearer, isPassing, linkOf, promise, shorten } from "../../../crates/gatefold-web/assets/link.mjs";
import { beside, queueFor } from "../../../crates/gatefold-web/assets/queue.mjs";
import { broken, refusalOf } from "../../../crates/gatefold-web/assets/refusal.mjs";
import { clock, spoken } from "../../../crates/gatefold-web/assets/time.mjs";

const [a, b, c, d] = ["a", "b", "c", "d"].map((file) => ({ file, artist: "Tidal Choir", support: null }));
const files = (tracks) => tracks.map(({ file }) => file).join("");

test("seconds are said in words and in figures", () => {
  for (const [seconds, shown, said] of [
    [0, "0:00", "0 seconds"],
    [1.9, "0:01", "1 second"],
    [60, "1:00", "1 minute 0 seconds"],
    [3661, "1:01:01", "1 hour 1 minute 1 second"],
    [7200, "2:00:00", "2 hours 0 minutes 0 seconds"],
    [-3, "0:00", "0 seconds"],
    [NaN, "0:00", "0 seconds"],
    [undefined, "0:00", "0 seconds"],
  ]) {
    assert.equal(clock(seconds), shown);
    assert.equal(spoken(seconds), said);
  }
});

test("the queue is the page's, and goes on while a page shows a track of it alone", () => {
  for (const [track, queue, shown, goes] of [
    [a, [], [a, b, c], "abc"],
    [b, [a, b, c], [b], "abc"],
    [d, [a, b, c], [d], "d"],
    [b, [a, b, c], [b, d], "bd"],
    [{ ...b }, [a, b, c], [], "abc"],
    [d, [], [], "d"],
  ]) {
    assert.equal(files(queueFor(track, queue, shown)), goes);
  }
  assert.equal(beside([a, b, c], { ...a }, 1), b);
  assert.equal(beside([a, b, c], c, 1), null);
  assert.equal(beside([a, b, c], a, -1), null);
  assert.equal(beside([a, b, c], d, 1), null);
  assert.equal(beside([], null, 1), null);
});

test("a link is good for as long as the page's own clock says", () => {
  const sealed = linkOf({ url: "https://a.example/securev1/x", valid_until: 1, valid_for: 10, grace: 5 }, 1000);
  for (const [now, left] of [[1000, 15_000], [11_000, 5000], [16_000, 0], [99_000, 0]]) {
    assert.equal(goodFor(sealed, now), left);
  }
  const open = linkOf({ url: "https://a.example/media/x" }, 1000);
  assert.equal(goodFor(open, 1e12), Infinity);
  assert.deepEqual([isPassing(sealed), isPassing(open)], [true, false]);
  assert.match(promise(sealed, "14:32"), /you alone.*until 14:32/);
  assert.match(promise(open, ""), /everybody/);
  const presigned = linkOf({ url: "https://s3.example/x", delivery: "presigned", valid_until: 1, valid_for: 10, grace: 0 }, 0);
  assert.deepEqual([isBearer(presigned), isBearer(sealed), isBearer(open)], [true, false, false]);
  assert.match(promise(presigned, "14:32"), /whoever has it, until 14:32/);
});

test("links are shortened so that two can be told apart", () => {
  const token = `EC${"k".repeat(16)}${"x".repeat(90)}`;
  assert.equal(shorten(`https://a.example/securev1/${token}one`), `a.example/securev1/EC${"k".repeat(16)}…xxxone`);
  assert.equal(shorten("http://127.0.0.1:8080/media/short.mp3"), "127.0.0.1:8080/media/short.mp3");
});

test("every refusal has a reason, and a way on where there is one", () => {
  const signIn = { label: "Sign in", href: "/sign-in?next=%2F" };
  const says = (status, body = null, retryAfter = 0, track = a) => refusalOf({ status, body, retryAfter }, track, signIn);
  for (const [status, kind, text, labels, wait] of [
    [0, "silent", /cannot be reached/, ["Try again"], null],
    [401, "sign_in", /^Sign in to hear this/, ["Sign in"], null],
    [402, "support", /^For supporters of Tidal Choir/, ["I support them now: try again"], null],
    [404, "gone", /not here any more/, [], null],
    [410, "gone", /not here any more/, [], null],
    [429, "busy", /slower/, ["Try now"], 5],
    [503, "unknown", /at the moment/, ["Try now"], 5],
    [500, "failed", /went wrong/, ["Try again"], null],
    [200, "failed", /went wrong/, ["Try again"], null],
    [403, "failed", /went wrong/, ["Try again"], null],
  ]) {
    const refusal = says(status);
    assert.equal(refusal.kind, kind, `${status}`);
    assert.match(refusal.text, text);
    assert.deepEqual(refusal.actions.map(({ label }) => label), labels);
    assert.equal(refusal.wait, wait, `${status}`);
  }
  assert.equal(broken().actions.length, 1);

  for (const [retryAfter, wait] of [[12, 12], [NaN, 5], [-1, 5], [9999, 120]]) {
    assert.equal(says(503, null, retryAfter).wait, wait);
  }
  assert.match(says(503, { code: "support_unknown" }).text, /cannot be checked at the moment/);
  assert.match(says(503, { code: "publishing" }).text, /being published/);
});

test("support leads to the web, and to nothing else", () => {
  const label = (support_url, track) => refusalOf(
    { status: 402, body: { artist: "The Tram", support_url }, retryAfter: 0 }, track, {},
  ).actions.map(({ label, href }) => [label, href ?? null]);
  const again = ["I support them now: try again", null];
  assert.deepEqual(label("https://tram.example/", a), [["Support The Tram", "https://tram.example/"], again]);
  assert.deepEqual(label(null, { ...a, support: "https://page.example/" }), [["Support The Tram", "https://page.example/"], again]);
  for (const wrong of ["javascript:alert(1)", "data:text/html,x", "//tram.example", "", null]) {
    assert.deepEqual(label(wrong, a), [again], `${wrong}`);
  }
});

test("the edge's answers are put in words", async () => {
  const answer = (status, body) => explain(new Response(body, { status }));
  assert.equal((await answer(206)).ok, true);
  const refused = await answer(403, JSON.stringify({ code: "wrong_client", stage: "client", detail: "x" }));
  assert.match(refused.head, /403.*who is asking/);
  assert.match(refused.text, /somebody else/);
  assert.equal((await answer(403, JSON.stringify({ code: "new_code", detail: "its own words" }))).text, "its own words");
  assert.match((await answer(502, "<html>")).text, /no reason/);
});
