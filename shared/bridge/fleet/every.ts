// Work that comes back again and again.

/** Does the work every so many milliseconds, never twice at a time; what it throws waits for the next time. */
export function every(ms: number, work: () => Promise<unknown>): NodeJS.Timeout {
  let isAtIt = false;
  return setInterval(async () => {
    if (isAtIt) return;
    isAtIt = true;
    await work().catch(() => undefined);
    isAtIt = false;
  }, ms);
}
