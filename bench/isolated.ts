// What a process of its own costs, and gives back, per small job: node dist/bench/isolated.js [jobs]

import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { openIsolatedStylizer } from '../shared/isolated.js';
import type { Stylizer } from '../shared/stylizer.js';
import { drawnPhoto } from '../test/isolated/photo.js';

const JOBS = Number(process.argv[2] ?? 15);
const IDLE_MS = 500;
const small = await drawnPhoto({ width: 512, height: 512 });
const large = await drawnPhoto({ width: 1920, height: 1080 });

const startMiB = rssMiB();
const isolated = await openIsolatedStylizer({ idleMs: IDLE_MS });
const firstMs = await timed(isolated, large);
console.log(`first job, 1920x1080, with the start of the process: ${firstMs.toFixed(0)} ms`);
console.log(`memory: parent ${rssMiB()} MiB (${startMiB} before), child ${childRssMiB(isolated.pid)} MiB`);
await delay(3 * IDLE_MS);
console.log(`after the idle exit: parent ${rssMiB()} MiB, child ${childRssMiB(isolated.pid)} MiB`);

// Imported only now, so that the parent above is one without native networks.
const { openStylizer } = await import('../shared/stylizer.js');
const inProcess = await openStylizer();
for (const stylizer of [isolated, inProcess]) await timed(stylizer, small);
const thereMs: number[] = [];
const hereMs: number[] = [];
// In turns, so that a machine that is busy for a while is so for both.
for (let job = 0; job < JOBS; job++) {
  thereMs.push(await timed(isolated, small));
  hereMs.push(await timed(inProcess, small));
}
const [there, here] = [median(thereMs), median(hereMs)];
console.log(
  `512x512, median of ${JOBS}: isolated ${there.toFixed(1)} ms, in process ${here.toFixed(1)} ms, ratio ${(there / here).toFixed(3)}`,
);
console.log(
  `isolated minus in process, median of the pairs: ${median(thereMs.map((ms, job) => ms - hereMs[job])).toFixed(1)} ms`,
);
await Promise.all([isolated.close(), inProcess.close()]);

async function timed(stylizer: Stylizer, photo: Uint8Array): Promise<number> {
  const startMs = performance.now();
  await stylizer.stylize(photo, { scope: 'photo' });
  return performance.now() - startMs;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function rssMiB(): number {
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}

/** Linux only; elsewhere, and without a child, 0. */
function childRssMiB(pid: number | undefined): number {
  if (pid === undefined || process.platform !== 'linux') return 0;
  const kiB = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0;
  return Math.round(Number(kiB) / 2 ** 10);
}
