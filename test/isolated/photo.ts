// Photos made on the spot, and ways to look at processes.

import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';

/** A JPEG of noise: nothing that a network could be quick with. */
export async function drawnPhoto({ width = 96, height = 64 } = {}): Promise<Uint8Array> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  return sharp({ create: { width, height, channels: 3, background: '#000', noise } })
    .jpeg()
    .toBuffer();
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

/** Ended, but not yet collected by the process that inherited it: in containers that can take its time. */
function isZombie(pid: number): boolean {
  return process.platform === 'linux' && / Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

/** Waits until the process has ended; throws when it lives for `limitMs`. */
export async function untilGone(pid: number, limitMs = 10_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (isAlive(pid)) {
    if (performance.now() > end) throw new Error(`process ${pid} still lives after ${limitMs} ms`);
    await delay(20);
  }
}
