// How much the bridge takes before it says no: bytes, pixels, requests and time.

export interface BridgeLimits {
  /** Largest body in bytes. */
  bodyBytes: number;
  /** Largest photo in megapixels; what the option `maxPixels` may be set to. */
  megapixels: number;
  /** Requests of one token per minute. */
  requestsPerMinute: number;
  /** Milliseconds for the headers of a request to arrive. */
  headersMs: number;
  /** Milliseconds for a whole request to arrive. */
  requestMs: number;
  /** Milliseconds without a byte in either direction after which a connection is closed. */
  idleMs: number;
  /** Connections at once. */
  connections: number;
  /** Milliseconds between signs of life in an event stream; well below `idleMs`. */
  pulseMs: number;
}

export const DEFAULT_LIMITS: Readonly<BridgeLimits> = {
  bodyBytes: 50 * 2 ** 20,
  megapixels: 100,
  // Three front ends that ask every 100 ms under one token.
  requestsPerMinute: 1_800,
  headersMs: 10_000,
  requestMs: 60_000,
  idleMs: 120_000,
  connections: 512,
  pulseMs: 10_000,
};
