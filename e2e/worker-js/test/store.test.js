import assert from "node:assert/strict";
import { test } from "node:test";

import { SLICE } from "../../../crates/gatefold-web/assets/worker/ranges.mjs";
import { address, parse, Shelf } from "../../../crates/gatefold-web/assets/worker/shelf.mjs";
import { Store } from "../../../crates/gatefold-web/assets/worker/store.mjs";
import { content, FakeCaches } from "../fakes.js";

const facts = { etag: '"v1"', len: 3 * SLICE };
const slice = (seed = 1) => content(SLICE, seed);

test("an address says everything, and no other address is taken for one", () => {
  for (const id of ["piece", "a b/c?d", "%41", "…"]) {
    for (const etag of ['"v1"', '"a&b=c+d%"']) {
      const about = { etag, len: SLICE + 1 };
      assert.deepEqual(parse(`http://here.example${address(id, about, 1)}`), { id, facts: about, index: 1 });
    }
  }
  for (const wrong of ["/", "/kept/", "/kept/a", "/kept/a?etag=b&len=5", "/kept/a?etag=b&len=5&slice=1", "/kept/a?etag=b&len=x&slice=0",
    "/kept/a?len=5&slice=0", "/kept/a?etag=&len=5&slice=0", "/kept/a/b?etag=c&len=5&slice=0", "/kept/a?etag=b&slice=0"]) {
    assert.equal(parse(wrong), null, wrong);
  }
});

test("the list counts every slice once", () => {
  const shelf = new Shelf();
  const short = { etag: '"s"', len: SLICE + 10 };
  shelf.add("a", short, 0);
  shelf.add("a", short, 1);
  shelf.add("a", short, 1);
  assert.equal(shelf.bytes, SLICE + 10);
  assert.ok(shelf.has("a", short, 1) && !shelf.has("a", facts, 1) && !shelf.has("b", short, 1));
  shelf.remove("a", short, 1);
  shelf.remove("a", short, 1);
  shelf.remove("b", short, 1);
  assert.equal(shelf.bytes, SLICE);
  assert.deepEqual(shelf.drop("a"), [address("a", short, 0)]);
  assert.equal(shelf.bytes, 0);
});

test("who was used longest ago makes room, and never the one that needs it", () => {
  const shelf = new Shelf();
  for (const id of ["a", "b", "c"]) shelf.add(id, facts, 0);
  shelf.touch("a", facts);
  assert.deepEqual(shelf.makeRoom("d", facts, 0, 4 * SLICE), [], "there is room");
  assert.deepEqual(shelf.makeRoom("d", facts, 0, 3 * SLICE), [address("b", facts, 0)]);
  assert.deepEqual(shelf.makeRoom("a", facts, 1, 2 * SLICE), [address("c", facts, 0)]);
  assert.equal(shelf.makeRoom("a", facts, 2, SLICE), null, "it fills the bound alone");
  assert.ok(shelf.has("a", facts, 0));
});

test("what is kept outlives the worker", async () => {
  const caches = new FakeCaches();
  const first = new Store({ caches });
  await first.keep("piece", facts, 1, slice());
  const second = new Store({ caches });
  assert.deepEqual(await second.take("piece", facts, 1), slice());
  assert.equal(await second.take("piece", facts, 0), null);
  assert.equal(await second.take("piece", { ...facts, etag: '"v2"' }, 1), null);
  assert.equal(await second.take("piece", { ...facts, len: facts.len + 1 }, 1), null);
});

test("half a slice is neither kept nor given", async () => {
  const caches = new FakeCaches();
  const store = new Store({ caches });
  await store.keep("piece", facts, 0, slice().subarray(1));
  assert.equal(caches.entries.length, 0);
  await store.keep("piece", facts, 0, slice());
  for (const [, bytes] of caches.entries) assert.equal(bytes.length, SLICE);
  const [name] = await caches.keys();
  await (await caches.open(name)).put(address("piece", facts, 0), new Response("damaged"));
  assert.equal(await store.take("piece", facts, 0), null);
});

test("the bound holds, over restarts too", async () => {
  const caches = new FakeCaches();
  for (const id of ["a", "b", "c", "d"]) {
    const store = new Store({ caches, limit: 2 * SLICE });
    await store.keep(id, facts, 0, slice());
    assert.ok(caches.bytes <= 2 * SLICE);
  }
  const store = new Store({ caches, limit: 2 * SLICE });
  assert.equal(await store.take("b", facts, 0), null);
  assert.ok(await store.take("c", facts, 0));
  assert.ok(await store.take("d", facts, 0));
});

test("a browser that allows less is obeyed", async () => {
  const caches = new FakeCaches();
  caches.quota = 2 * SLICE;
  const store = new Store({ caches });
  await store.keep("a", facts, 0, slice());
  await store.keep("b", facts, 0, slice());
  await store.keep("b", facts, 1, slice());
  assert.equal(await store.take("a", facts, 0), null, "it made room");
  assert.deepEqual(await store.take("b", facts, 1), slice());
  await store.keep("b", facts, 2, slice());
  assert.equal(await store.take("b", facts, 2), null, "there is none left");
  assert.deepEqual(await store.take("b", facts, 0), slice());
});

test("a browser that keeps nothing breaks nothing", async () => {
  const caches = new FakeCaches();
  caches.broken = true;
  const store = new Store({ caches });
  await store.keep("a", facts, 0, slice());
  assert.equal(await store.take("a", facts, 0), null);
  caches.broken = false;
  await store.keep("a", facts, 0, slice());
  assert.ok(await store.take("a", facts, 0));
});

test("versions, objects and everything can be dropped", async () => {
  const caches = new FakeCaches();
  const store = new Store({ caches });
  const other = { etag: '"v2"', len: SLICE };
  await store.keep("a", facts, 0, slice());
  await store.keep("a", other, 0, slice(2));
  await store.keep("b", facts, 0, slice());
  await store.only("a", '"v2"');
  assert.equal(await store.take("a", facts, 0), null);
  assert.deepEqual(await store.take("a", other, 0), slice(2));
  await store.drop("a");
  assert.equal(await store.take("a", other, 0), null);
  assert.ok(await store.take("b", facts, 0));
  await store.clear();
  assert.deepEqual(await caches.keys(), []);
  await store.keep("b", facts, 0, slice());
  assert.ok(await store.take("b", facts, 0), "and it goes on");
});

test("only caches of its own are tidied up", async () => {
  const caches = new FakeCaches();
  const store = new Store({ caches });
  await store.keep("a", facts, 0, slice());
  await caches.open("gatefold-bytes-0-17");
  await caches.open("somebody-else");
  await store.tidy();
  assert.equal((await caches.keys()).length, 2);
  assert.ok((await caches.keys()).includes("somebody-else"));
  assert.ok(await store.take("a", facts, 0));
});
