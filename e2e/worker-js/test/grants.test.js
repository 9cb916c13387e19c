import assert from "node:assert/strict";
import { test } from "node:test";

import { TRUST } from "../../../crates/gatefold-web/assets/worker/grants.mjs";
import { SLICE } from "../../../crates/gatefold-web/assets/worker/ranges.mjs";
import { addressed } from "../../../crates/gatefold-web/assets/worker/requests.mjs";
import { Edge, Worker } from "../fakes.js";

const setup = () => {
  const edge = new Edge();
  return { edge, worker: new Worker(edge) };
};
/** What a page does before it plays. */
const ask = (worker) => worker.grants.ask("piece", "/audio/piece/url");

test("the worker's requests are those of pages for bytes and for links", () => {
  const here = "https://here.example";
  const cases = [
    ["GET", "/audio/a", "no-cors", { id: "a", what: "bytes" }],
    ["HEAD", "/audio/a", "cors", { id: "a", what: "bytes" }],
    ["GET", "/audio/a/url", "cors", { id: "a", what: "link" }],
    ["HEAD", "/audio/a/url", "cors", null],
    ["POST", "/audio/a", "cors", null],
    // In a tab of its own, the server decides.
    ["GET", "/audio/a", "navigate", null],
    ["GET", "/audio/a/url", "navigate", null],
    ["GET", "/audio/a?1", "no-cors", null],
    ["GET", "/audio/", "no-cors", null],
    ["GET", "/audio/a/b", "no-cors", null],
    ["GET", "/securev1/a", "no-cors", null],
    ["GET", "/", "cors", null],
  ];
  for (const [method, path, mode, asked] of cases) {
    assert.deepEqual(addressed({ method, url: here + path, mode }, here), asked, `${method} ${path} ${mode}`);
  }
  assert.equal(addressed({ method: "GET", url: "https://elsewhere.example/audio/a", mode: "cors" }, here), null);
});

test("a grant is believed for a minute at most, however long its link lasts", async () => {
  for (const [validFor, trust] of [[1800, TRUST], [undefined, TRUST], [5, 5]]) {
    const { edge, worker } = setup();
    edge.validFor = validFor;
    await worker.bytes();
    await worker.bytes();
    assert.equal(edge.minted, 1);
    worker.now += trust * 1000 - 1;
    await worker.bytes();
    assert.equal(edge.minted, 1, `${validFor}: still within`);
    worker.now += 1;
    edge.refusal = 402;
    assert.equal((await worker.ask()).status, 402, `${validFor}`);
    assert.equal(worker.caches.bytes, 0, "and nothing is kept");
  }
});

test("a page's question is not asked twice", async () => {
  const { edge, worker } = setup();
  const response = await ask(worker);
  assert.deepEqual(await response.json(), { url: "/securev1/0", valid_for: 60 });
  assert.deepEqual(await worker.bytes(), edge.bytes);
  assert.equal(edge.minted, 1);
  assert.equal(edge.looked, 1, "the edge is asked through it all the same");
});

test("a page that asks again prolongs what is believed", async () => {
  const { edge, worker } = setup();
  edge.validFor = 1800;
  await worker.bytes();
  worker.now += 50_000;
  await ask(worker);
  worker.now += 50_000;
  await worker.bytes();
  assert.deepEqual([edge.minted, edge.looked], [2, 1]);
});

test("no plays from what is kept once a page is told so", async () => {
  for (const refusal of [401, 402, 403, 404]) {
    const { edge, worker } = setup();
    await worker.bytes();
    const reader = (await worker.ask()).body.getReader();
    await reader.read();
    edge.refusal = refusal;
    assert.equal((await ask(worker)).status, refusal);
    assert.equal(worker.caches.bytes, 0);
    assert.equal((await worker.ask()).status, refusal);
    await assert.rejects(async () => {
      for (let read = await reader.read(); !read.done; read = await reader.read());
    }, "nor does an answer go on that has begun");
    await worker.settle();
    assert.equal(worker.caches.bytes, 0);
  }
});

test("a server that cannot say deletes nothing", async () => {
  for (const status of [429, 500, 503]) {
    const { edge, worker } = setup();
    await worker.bytes();
    await worker.settle();
    edge.refusal = status;
    assert.equal((await ask(worker)).status, status);
    assert.equal(worker.caches.bytes, edge.bytes.length);
  }
});

test("another link than before is looked through anew", async () => {
  const { edge, worker } = setup();
  await worker.bytes();
  edge.window += 1;
  edge.change();
  await ask(worker);
  assert.deepEqual(await worker.bytes(), edge.bytes);
  assert.deepEqual([edge.minted, edge.looked], [2, 2]);
});

test("a page's link that is over by the time it is used is replaced", async () => {
  const { edge, worker } = setup();
  await ask(worker);
  worker.passWindow();
  assert.deepEqual(await worker.bytes(), edge.bytes);
  assert.equal(edge.minted, 2);
});

test("what is kept is for one listener", async () => {
  const { edge, worker } = setup();
  const kept = () => worker.caches.entries.filter(([url]) => url.includes("/kept/")).length;
  const listen = (listener) => worker.store.belongsTo(listener, () => worker.grants.clear());
  await listen("did:plc:robin");
  await worker.bytes({ Range: `bytes=0-${SLICE}` });
  await worker.settle();
  assert.equal(kept(), 2);
  await listen("did:plc:robin");
  assert.equal(kept(), 2, "the same");
  // A worker that was ended in between remembers.
  const later = new Worker(edge, { caches: worker.caches });
  let changes = 0;
  await later.store.belongsTo("did:plc:robin", () => { changes += 1; });
  assert.deepEqual([kept(), changes], [2, 0]);
  await later.store.belongsTo("", () => { changes += 1; });
  assert.deepEqual([kept(), changes], [0, 1], "nobody");
  await listen("did:plc:robin");
  const { minted } = edge;
  await worker.bytes({ Range: "bytes=0-0" });
  assert.equal(edge.minted, minted + 1, "and what was granted is asked for anew");
});

test("where it cannot be told for whom it is kept, nothing is", async () => {
  const { worker } = setup();
  await worker.bytes();
  worker.caches.broken = true;
  await worker.store.belongsTo("did:plc:robin", () => {});
  assert.equal(worker.caches.bytes, 0);
});
