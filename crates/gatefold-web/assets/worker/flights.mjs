// One fetch of a slice for all who ask. A fetch that has begun goes on to the slice's end, whoever
// leaves: the rest is little, and the slice is kept.

/** A slice on its way. */
class Flight {
  #chunks = [];
  #error = null;
  #wake = null;
  #news = null;
  /** When the slice is there and kept, or has failed. Never rejects. */
  landed;

  constructor(pieces, keep) {
    this.#expect();
    this.landed = this.#run(pieces, keep);
  }

  async #run(pieces, keep) {
    try {
      for await (const chunk of pieces) {
        this.#chunks.push(chunk);
        this.#tell();
      }
      await keep(joined(this.#chunks));
    } catch (error) {
      this.#error = error;
      this.#tell();
    }
  }

  /** Its bytes `from..to`, each as soon as it is there. */
  async *read(from, to) {
    let start = 0;
    for (let next = 0; start < to; next += 1) {
      while (next >= this.#chunks.length) {
        if (this.#error) throw this.#error;
        await this.#news;
      }
      const chunk = this.#chunks[next];
      const piece = chunk.subarray(Math.max(from - start, 0), Math.min(to - start, chunk.length));
      start += chunk.length;
      if (piece.length) yield piece;
    }
  }

  #expect() {
    this.#news = new Promise((resolve) => { this.#wake = resolve; });
  }

  #tell() {
    const wake = this.#wake;
    this.#expect();
    wake();
  }
}

export class Flights {
  #running = new Map();

  /** The flight under a name; `pieces` begins it where there is none, `keep` gets what it brought. */
  join(name, pieces, keep) {
    let flight = this.#running.get(name);
    if (!flight) {
      flight = new Flight(pieces(), keep);
      this.#running.set(name, flight);
      // Kept by now, or to be tried again.
      flight.landed.then(() => this.#running.delete(name));
    }
    return flight;
  }
}

function joined(chunks) {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
