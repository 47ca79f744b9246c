// @ts-check
// A bad line: so many bits a second and so much delay each way, shared by everything that goes over it.
//
// Over loopback a connection costs nothing, so it is charged here: no byte passes before as many round trips are over
// as the network of a phone would need. What a queue holds is never lost; a lossy line is worse than this one.

/** Round trips before the first byte of a page's first connection: DNS, TCP, TLS 1.3. */
const FIRST = 3;

/** And of a later one, to the same address: TCP, TLS 1.3. */
const LATER = 2;

/** What one packet carries at most, bytes, and what goes on top: IPv6 and TCP with time stamps, and its share of TLS. */
const PACKET = 1_400;
const ON_TOP = 40 + 32 + 22;

/** One direction: bytes leave at the line's rate, one packet after the other, and arrive after its delay. */
class Way {
  #free = 0;

  /** @param {number} rate bit/s @param {number} delay ms */
  constructor(rate, delay) {
    this.rate = rate;
    this.delay = delay;
  }

  /**
   * @param {Buffer} bytes
   * @param {number} from not before then, local ms
   * @param {(packet: Buffer) => void} arrives
   */
  carry(bytes, from, arrives) {
    for (let at = 0; at < bytes.length; at += PACKET) {
      const packet = bytes.subarray(at, at + PACKET);
      const leaves = Math.max(this.#free, from, performance.now());
      this.#free = leaves + ((packet.length + ON_TOP) * 8_000) / this.rate;
      setTimeout(arrives, this.#free + this.delay - performance.now(), packet);
    }
  }
}

export class Line {
  #connections = 0;

  /**
   * @param {number} rate of each direction, bit/s
   * @param {number} roundTrip ms
   */
  constructor(rate, roundTrip) {
    this.roundTrip = roundTrip;
    this.up = new Way(rate, roundTrip / 2);
    this.down = new Way(rate, roundTrip / 2);
  }

  /** When a connection that is opened now may carry its first byte, local ms. */
  connects() {
    const trips = this.#connections++ === 0 ? FIRST : LATER;
    return performance.now() + trips * this.roundTrip;
  }
}
