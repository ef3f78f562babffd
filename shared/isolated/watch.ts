// A thread of the drawing process that sees its parent die while a network blocks the main thread, and ends the process.

const PERIOD_MS = 1_000;
const parent = process.ppid;
let orphaned = false;

setInterval(() => {
  // One period for the main thread to leave in good order, if it can.
  if (orphaned) process.kill(process.pid, 'SIGKILL');
  orphaned = isGone();
}, PERIOD_MS);

function isGone(): boolean {
  if (process.ppid !== parent) return true;
  try {
    // Windows keeps the parent's number after its death.
    process.kill(parent, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
