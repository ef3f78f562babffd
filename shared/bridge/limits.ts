// How much the bridge takes before it says no: bytes, pixels, requests and time.

export interface BridgeLimits {
  /** Largest body in bytes. */
  bodyBytes: number;
  /** Largest photo in megapixels; what the option `maxPixels` may be set to. */
  megapixels: number;
  /** Bytes of bodies that are on their way at once; at least `bodyBytes`, as is the next. */
  incomingBytes: number;
  /** The same of one token. */
  incomingBytesPerToken: number;
  /** Orders and previews of one token per minute. */
  ordersPerMinute: number;
  /** All other requests of one token per minute; cancelling is free. */
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
  incomingBytes: 256 * 2 ** 20,
  incomingBytesPerToken: 128 * 2 ** 20,
  // Faster than any engine draws.
  ordersPerMinute: 1_800,
  // A full share of the queue under one token, each job asked for eight times a second.
  requestsPerMinute: 30_000,
  headersMs: 10_000,
  requestMs: 60_000,
  idleMs: 120_000,
  connections: 512,
  pulseMs: 10_000,
};
