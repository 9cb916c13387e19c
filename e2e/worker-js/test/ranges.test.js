import assert from "node:assert/strict";
import { test } from "node:test";

import { cuts, extent, isRange, requested, SLICE } from "../../../crates/gatefold-web/assets/worker/ranges.mjs";

const none = "unsatisfiable";
const table = [
  // header, length, answer
  [null, 1000, "whole"],
  ["", 1000, "whole"],
  ["bytes=0-", 1000, [0, 999]],
  ["bytes=0-0", 1000, [0, 0]],
  ["bytes=10-19", 1000, [10, 19]],
  ["Bytes=10-19", 1000, [10, 19]],
  [" bytes=10-19 ", 1000, [10, 19]],
  ["bytes=990-5000", 1000, [990, 999]],
  ["bytes=999-", 1000, [999, 999]],
  ["bytes=1000-", 1000, none],
  ["bytes=1000-2000", 1000, none],
  ["bytes=99999999999999999999-", 1000, none],
  ["bytes=0-99999999999999999999", 1000, [0, 999]],
  ["bytes=-1", 1000, [999, 999]],
  ["bytes=-1000", 1000, [0, 999]],
  ["bytes=-5000", 1000, [0, 999]],
  ["bytes=-0", 1000, none],
  ["bytes=0-", 0, none],
  ["bytes=-1", 0, none],
  ["bytes=-", 1000, "whole"],
  ["bytes=20-10", 1000, "whole"],
  ["bytes=2000-10", 1000, "whole"],
  ["bytes=0-1,5-6", 1000, "whole"],
  ["bytes=a-b", 1000, "whole"],
  ["bytes=1.5-", 1000, "whole"],
  ["items=0-1", 1000, "whole"],
  ["bytes 0-1", 1000, "whole"],
];

for (const [header, len, expected] of table) {
  test(`${header} of ${len}`, () => {
    const [first, last] = expected;
    assert.deepEqual(requested(header, len), Array.isArray(expected) ? { first, last } : expected);
  });
}

test("slices cover an object without a gap", () => {
  for (const len of [1, SLICE - 1, SLICE, SLICE + 1, 5 * SLICE]) {
    let next = 0;
    for (let index = 0; extent(index, len); index += 1) {
      const { first, last } = extent(index, len);
      assert.equal(first, next);
      assert.ok(last >= first && last - first < SLICE);
      next = last + 1;
    }
    assert.equal(next, len);
  }
  for (const index of [-1, 0.5, NaN, 2]) assert.equal(extent(index, 2 * SLICE), null);
  assert.equal(extent(0, 0), null);
});

test("a range is cut at the slices' ends", () => {
  const cases = [
    [0, 0, [[0, 0, 1]]],
    [5, 9, [[0, 5, 10]]],
    [0, SLICE - 1, [[0, 0, SLICE]]],
    [0, SLICE, [[0, 0, SLICE], [1, 0, 1]]],
    [SLICE - 1, SLICE, [[0, SLICE - 1, SLICE], [1, 0, 1]]],
    [SLICE, SLICE, [[1, 0, 1]]],
    [SLICE + 7, 3 * SLICE + 2, [[1, 7, SLICE], [2, 0, SLICE], [3, 0, 3]]],
  ];
  for (const [first, last, expected] of cases) {
    assert.deepEqual([...cuts(first, last)], expected.map(([index, from, to]) => ({ index, from, to })));
  }
  assert.deepEqual([...cuts(0, -1)], [], "an empty object has no slices");
});

test("a Content-Range is exactly what was asked, or wrong", () => {
  assert.ok(isRange("bytes 5-9/20", 5, 9, 20));
  for (const header of [null, "", "bytes 5-9/*", "bytes 5-8/20", "bytes 4-9/20", "bytes 5-9/21", "bytes */20"]) {
    assert.ok(!isRange(header, 5, 9, 20), header);
  }
});
