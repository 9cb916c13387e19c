import assert from "node:assert/strict";
import { test } from "node:test";

import { SLICE } from "../../../crates/gatefold-web/assets/worker/ranges.mjs";
import { Edge, FakeCaches, Worker } from "../fakes.js";

const setup = (len) => {
  const edge = new Edge(len);
  return { edge, worker: new Worker(edge) };
};

test("every range is answered as the object has it, fetched and kept", async () => {
  const { edge, worker } = setup();
  const { length } = edge.bytes;
  const cases = [
    [{}, 200, 0, length],
    [{ Range: "bytes=0-" }, 206, 0, length],
    [{ Range: "bytes=0-0" }, 206, 0, 1],
    [{ Range: `bytes=${SLICE - 1}-${SLICE}` }, 206, SLICE - 1, SLICE + 1],
    [{ Range: `bytes=${SLICE + 5}-` }, 206, SLICE + 5, length],
    [{ Range: "bytes=-1" }, 206, length - 1, length],
    [{ Range: `bytes=${length - 1}-` }, 206, length - 1, length],
    [{ Range: "bytes=5-1" }, 200, 0, length],
    [{ Range: "bytes=0-1,4-5" }, 200, 0, length],
    [{ Range: "bytes=5-9", "If-Range": '"v1"' }, 206, 5, 10],
    [{ Range: "bytes=5-9", "If-Range": '"v0"' }, 200, 0, length],
    [{ Range: "bytes=5-9", "If-Range": 'W/"v1"' }, 200, 0, length],
  ];
  const ask = async (by) => {
    for (const [headers, status, from, to] of cases) {
      const response = await by.ask(headers);
      const name = JSON.stringify(headers);
      assert.equal(response.status, status, name);
      assert.equal(response.headers.get("Content-Length"), String(to - from), name);
      assert.equal(response.headers.get("Content-Range"), status === 206 ? `bytes ${from}-${to - 1}/${length}` : null, name);
      assert.equal(response.headers.get("ETag"), '"v1"');
      assert.equal(response.headers.get("Content-Type"), "audio/wav");
      assert.deepEqual(new Uint8Array(await response.arrayBuffer()), edge.bytes.slice(from, to), name);
    }
  };
  await ask(worker);
  await ask(worker);
  assert.equal(edge.sent, length, "each byte was fetched once");
  for (const [headers] of cases.toReversed()) {
    const edge = new Edge();
    const fresh = new Worker(edge);
    await fresh.bytes(headers);
    await fresh.bytes({});
    assert.equal(edge.sent, length, `${JSON.stringify(headers)} first`);
  }
});

test("what the object does not have is said, without fetching any of it", async () => {
  const { edge, worker } = setup();
  for (const Range of [`bytes=${edge.bytes.length}-`, "bytes=-0"]) {
    const response = await worker.ask({ Range });
    assert.equal(response.status, 416);
    assert.equal(response.headers.get("Content-Range"), `bytes */${edge.bytes.length}`);
  }
  const head = await worker.ask({ Range: "bytes=0-0" }, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("Content-Length"), String(edge.bytes.length));
  assert.equal((await head.arrayBuffer()).byteLength, 0);
  assert.deepEqual(edge.asked, []);
});

test("an empty object is whole at once", async () => {
  const { edge, worker } = setup(0);
  assert.equal((await worker.ask()).status, 200);
  assert.equal((await worker.bytes()).length, 0);
  assert.equal((await worker.ask({ Range: "bytes=0-" })).status, 416);
  assert.deepEqual(edge.asked, []);
});

test("bytes flow before their slice is whole", async () => {
  const { edge, worker } = setup();
  let open;
  edge.gate = new Promise((resolve) => { open = resolve; });
  const reader = (await worker.ask({ Range: "bytes=0-" })).body.getReader();
  const { value } = await reader.read();
  assert.ok(value.length > 0 && value.length < SLICE);
  open();
  await reader.cancel();
  await worker.settle();
});

test("who takes nothing has nothing fetched", async () => {
  const { edge, worker } = setup(20 * SLICE);
  const response = await worker.ask({ Range: "bytes=0-" });
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.equal(edge.sent, 0);
  const reader = response.body.getReader();
  await reader.read();
  // Everything that another answer needs comes and goes in the meantime; the first one stands still.
  await worker.bytes({ Range: `bytes=${19 * SLICE}-` });
  assert.deepEqual(edge.asked, [`bytes=0-${SLICE - 1}`, `bytes=${19 * SLICE}-${20 * SLICE - 1}`]);
  await reader.cancel();
  await worker.settle();
});

test("many ask, one fetches, and who leaves breaks nobody", async () => {
  const { edge, worker } = setup();
  let open;
  edge.gate = new Promise((resolve) => { open = resolve; });
  const leaving = (await worker.ask()).body.getReader();
  const staying = [1, 2, 3].map(() => worker.bytes());
  await leaving.read();
  const left = leaving.cancel();
  open();
  await left;
  for (const bytes of await Promise.all(staying)) assert.deepEqual(bytes, edge.bytes);
  assert.equal(edge.minted, 1);
  assert.equal(edge.looked, 1);
  assert.equal(edge.asked.length, 4);
  await worker.settle();
  assert.equal(worker.caches.bytes, edge.bytes.length);
});

test("through windows and restarts bytes are fetched once, and each window is asked for", async () => {
  const edge = new Edge();
  const caches = new FakeCaches();
  for (let window = 1; window <= 20; window += 1) {
    const worker = new Worker(edge, { caches });
    assert.deepEqual(await worker.bytes(), edge.bytes);
    worker.passWindow();
    assert.deepEqual(await worker.bytes({ Range: "bytes=7-" }), edge.bytes.slice(7));
    assert.equal(edge.minted, 2 * window);
    assert.equal(edge.looked, 2 * window);
  }
  assert.equal(edge.sent, edge.bytes.length);
});

test("a window that ends in the middle of an answer is not heard", async () => {
  const { edge, worker } = setup();
  const reader = (await worker.ask()).body.getReader();
  const got = [(await reader.read()).value];
  // The edge's clock alone: the worker finds out by a refusal.
  edge.window += 1;
  for (let read = await reader.read(); !read.done; read = await reader.read()) got.push(read.value);
  assert.deepEqual(Buffer.concat(got), Buffer.from(edge.bytes));
  assert.equal(edge.minted, 2);
});

test("a connection that is cut goes on with the rest", async () => {
  const { edge, worker } = setup();
  edge.cuts = [100, 70_000, 0, Infinity];
  assert.deepEqual(await worker.bytes(), edge.bytes);
  assert.equal(edge.sent, edge.bytes.length);
  assert.deepEqual(edge.asked.slice(0, 4), ["0", "100", "70100", "70100"].map((at) => `bytes=${at}-${SLICE - 1}`));
});

test("a connection that brings nothing again and again is an error, and can be tried anew", async () => {
  const { edge, worker } = setup();
  edge.cuts = [0, 0];
  await assert.rejects(worker.bytes());
  assert.equal(edge.asked.length, 2);
  assert.deepEqual(await worker.bytes(), edge.bytes);
});

test("who may not listen any more does not hear what is kept", async () => {
  for (const status of [401, 403, 404, 410]) {
    const { edge, worker } = setup();
    await worker.bytes();
    const running = (await worker.ask()).body.getReader();
    await running.read();
    worker.passWindow();
    edge.refusal = status;
    await assert.rejects(async () => { while (!(await running.read()).done); }, "not to the end either");
    const [one, two] = await Promise.all([worker.ask(), worker.ask()]);
    assert.deepEqual([one.status, two.status], [status, status]);
    assert.deepEqual([await one.text(), await two.text()], ["{}", "{}"], "each gets an answer of its own");
    assert.equal(worker.caches.bytes, 0, "and it is gone");
    edge.refusal = null;
    assert.deepEqual(await worker.bytes(), edge.bytes);
    assert.equal(edge.sent, 2 * edge.bytes.length);
  }
});

test("what is on its way when somebody signs out is not kept", async () => {
  const { edge, worker } = setup();
  let open;
  edge.gate = new Promise((resolve) => { open = resolve; });
  const reader = (await worker.ask()).body.getReader();
  await reader.read();
  worker.grants.clear();
  await worker.store.clear();
  open();
  await reader.cancel();
  await worker.settle();
  assert.equal(worker.caches.bytes, 0);
});

test("when nobody can be asked nothing is answered, and nothing is lost", async () => {
  for (const status of [429, 500, 503]) {
    const { edge, worker } = setup();
    await worker.bytes();
    worker.passWindow();
    edge.refusal = status;
    assert.equal((await worker.ask()).type, "error");
    assert.equal(worker.told.at(-1).status, 0);
    edge.refusal = null;
    assert.deepEqual(await worker.bytes(), edge.bytes);
    assert.equal(edge.sent, edge.bytes.length);
  }
});

test("an object that changes is never mixed", async () => {
  for (const len of [undefined, 2 * SLICE + 5, 10]) {
    for (const takes of [0, 1, 10]) {
      const { edge, worker } = setup();
      await worker.bytes({ Range: `bytes=${SLICE}-${SLICE}` });
      const reader = (await worker.ask()).body.getReader();
      const before = edge.bytes;
      const got = [];
      for (let i = 0; i < takes; i += 1) got.push((await reader.read()).value);
      edge.change(2, len ?? before.length);
      try {
        for (let read = await reader.read(); !read.done; read = await reader.read()) got.push(read.value);
        assert.deepEqual(Buffer.concat(got), Buffer.from(before), "all of it was there by then");
      } catch {
        assert.deepEqual(Buffer.concat(got), Buffer.from(before.slice(0, Buffer.concat(got).length)));
      }
      await worker.settle();
      // A kept version is noticed in the next window at the latest.
      worker.passWindow();
      assert.deepEqual(await worker.bytes(), edge.bytes, `${len} after ${takes}`);
      await worker.settle();
      assert.equal(worker.caches.bytes, edge.bytes.length, "the other version is gone");
    }
  }
});

test("a changed object that was kept whole is noticed in the next window", async () => {
  const { edge, worker } = setup();
  await worker.bytes();
  edge.change();
  worker.passWindow();
  await worker.ask();
  assert.equal(worker.caches.bytes, 0, "the other version is gone");
  assert.deepEqual(await worker.bytes(), edge.bytes);
});

test("an edge that sends another range, more, or less than it says is not believed", async () => {
  const lies = [
    (response, bytes) => new Response(bytes.slice(1, SLICE + 1), { status: 206, headers: { ETag: '"v1"', "Content-Range": `bytes 1-${SLICE}/${bytes.length}` } }),
    (response, bytes) => new Response(bytes, { status: 206, headers: response.headers }),
    (response, bytes) => new Response(bytes.slice(0, SLICE), { status: 206, headers: { "Content-Range": response.headers.get("Content-Range") } }),
    (response) => new Response(null, { status: 206, headers: response.headers }),
    () => new Response("<html>", { status: 502 }),
  ];
  for (const [number, lie] of lies.entries()) {
    const { edge, worker } = setup();
    const honest = edge.fetch;
    const liar = async (url, options) => {
      const response = await honest(url, options);
      return response.status === 206 ? lie(response, edge.bytes) : response;
    };
    const fooled = new Worker(Object.assign(edge, { fetch: liar }), { caches: worker.caches });
    await assert.rejects(fooled.bytes({ Range: `bytes=0-${SLICE - 1}` }), undefined, `lie ${number}`);
    assert.equal(worker.caches.bytes, 0, `lie ${number}`);
  }
});

test("what cannot be kept is handed on as it is", async () => {
  for (const headers of [{ ETag: 'W/"v1"' }, { "Accept-Ranges": "none" }]) {
    const { edge, worker } = setup();
    Object.assign(edge.headers, headers);
    if (headers.ETag) edge.etag = headers.ETag;
    assert.deepEqual(await worker.bytes(), edge.bytes);
    assert.deepEqual(await worker.bytes(), edge.bytes);
    assert.equal(edge.sent, 2 * edge.bytes.length);
    assert.equal(worker.caches.bytes, 0);
  }
});

test("a worker without storage still plays", async () => {
  const { edge, worker } = setup();
  worker.caches.broken = true;
  assert.deepEqual(await worker.bytes(), edge.bytes);
  assert.deepEqual(await worker.bytes(), edge.bytes);
  assert.equal(edge.sent, 2 * edge.bytes.length);
});

test("objects are told apart", async () => {
  const { edge, worker } = setup();
  await worker.bytes();
  await worker.bytes({}, { id: "other" });
  assert.equal(edge.sent, 2 * edge.bytes.length);
});

test("what only looks like media does not become a page", async () => {
  const { edge, worker } = setup();
  edge.headers["Content-Type"] = "text/html";
  const { headers } = await worker.ask();
  assert.equal(headers.get("Content-Disposition"), "attachment");
  assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
  assert.match(headers.get("Content-Security-Policy"), /^sandbox/);
});

test("it says where bytes came from", async () => {
  const { worker } = setup();
  await worker.bytes({ Range: `bytes=5-${SLICE}` });
  await worker.settle();
  await worker.bytes({ Range: `bytes=9-${SLICE}` });
  const told = worker.told.map(({ type, range, status, link }) => [type, range, status, link?.url]);
  assert.deepEqual(told, [
    ["asked", `bytes=0-${SLICE - 1}`, 206, "/securev1/0"],
    ["asked", `bytes=${SLICE}-${2 * SLICE - 1}`, 206, "/securev1/0"],
    ["kept", `bytes=9-${SLICE - 1}`, undefined, undefined],
    ["kept", `bytes=${SLICE}-${SLICE}`, undefined, undefined],
  ]);
});
