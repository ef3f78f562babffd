// Damaged and hostile files of every format that nigaoe reads: each must be read or refused within seconds, in bounded
// memory. Exits 1 otherwise, and keeps the file. Run: npm run bench:fuzz-readers -- [inputs, default 10000] [first seed]

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { attempt, FUZZ_FORMATS, type FuzzFormat, fuzzFolder, fuzzInput } from '../test/fixtures/fuzzing.js';

const MOST_MS = 5000;
/** One input may not raise the memory of the process by more; the files themselves have some kilobytes. */
const MOST_GROWTH_BYTES = 512 * 2 ** 20;

/** One input: its format by place in the list, and its seed; below zero the file `-1 - seed` as it is. */
interface Job {
  format: number;
  seed: number;
}

interface Result extends Job {
  /** 'opened', a failure's code, or what went wrong behind `!`. */
  end: string;
  ms: number;
  growthBytes: number;
}

const inputOf = ({ format, seed }: Job): Uint8Array =>
  seed < 0 ? FUZZ_FORMATS[format].files[-1 - seed] : fuzzInput(FUZZ_FORMATS[format], seed);

/** Every file as it is, then seeds in turn over the formats. */
function jobs(inputs: number, firstSeed: number): Job[] {
  const whole = FUZZ_FORMATS.flatMap(({ files }, format) => files.map((_, i) => ({ format, seed: -1 - i })));
  const damaged = Array.from({ length: Math.max(0, inputs - whole.length) }, (_, i) => ({
    format: i % FUZZ_FORMATS.length,
    seed: firstSeed + i,
  }));
  return [...whole, ...damaged];
}

/** In the worker: one after the other, each reported. */
async function work(list: readonly Job[], parent: string): Promise<void> {
  for (const job of list) {
    const format = FUZZ_FORMATS[job.format];
    const bytes = inputOf(job);
    const [startMs, startBytes] = [performance.now(), process.memoryUsage().rss];
    const end = await attempt(format, bytes, fuzzFolder(parent, format)).catch(
      (error) => `!${error?.stack ?? error}`,
    );
    const growthBytes = process.memoryUsage().rss - startBytes;
    parentPort?.postMessage({ ...job, end, ms: performance.now() - startMs, growthBytes } satisfies Result);
  }
}

/** Runs a list in a worker, which a hanging input takes with it; returns how many were done, and why it stopped. */
function supervise(
  list: readonly Job[],
  parent: string,
  onResult: (result: Result) => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const worker = new Worker(fileURLToPath(import.meta.url), {
      workerData: { list, parent },
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    });
    let [done, why]: [number, string | undefined] = [0, undefined];
    const stop = () => {
      why = `!no end after ${2 * MOST_MS} ms`;
      void worker.terminate();
    };
    let watch = setTimeout(stop, 4 * MOST_MS);
    worker.on('message', (result: Result) => {
      clearTimeout(watch);
      watch = setTimeout(stop, 2 * MOST_MS);
      done++;
      onResult(result);
    });
    worker.on('error', (error) => {
      why = `!${error.stack}`;
    });
    worker.on('exit', () => {
      clearTimeout(watch);
      resolve(done === list.length ? undefined : (why ?? '!the worker ended'));
    });
  });
}

function faultOf({ end, ms, growthBytes }: Result): string | undefined {
  if (end.startsWith('!')) return end.slice(1);
  if (ms > MOST_MS) return `${ms.toFixed(0)} ms`;
  return growthBytes > MOST_GROWTH_BYTES ? `${megabytes(growthBytes)} MB of memory` : undefined;
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

function printTable(results: readonly Result[]): void {
  console.log('format            inputs  opened  slowest   endings');
  for (const [place, { name }] of FUZZ_FORMATS.entries()) {
    const own = results.filter(({ format }) => format === place);
    const ends: Record<string, number> = {};
    for (const { end } of own) {
      const column = end.startsWith('!') ? 'FAULT' : end;
      ends[column] = (ends[column] ?? 0) + 1;
    }
    const { opened = 0, ...refused } = ends;
    const counts = Object.entries(refused).map(([end, count]) => `${end} ${count}`);
    const slowest = own.reduce((most, { ms }) => Math.max(most, ms), 0);
    const columns = [name.padEnd(18), String(own.length).padEnd(8), String(opened).padEnd(8)];
    console.log(`${columns.join('')}${slowest.toFixed(0).padStart(4)} ms   ${counts.sort().join(', ')}`);
  }
}

async function main(): Promise<void> {
  const [inputs, firstSeed] = [Number(process.argv[2] ?? 10_000), Number(process.argv[3] ?? 1)];
  const parent = mkdtempSync(join(tmpdir(), 'nigaoe-fuzz-'));
  const kept = join(parent, 'kept');
  const results: Result[] = [];
  const startBytes = process.memoryUsage().rss;
  let peakBytes = startBytes;
  const take = (result: Result) => {
    results.push(result);
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
  };
  const list = jobs(inputs, firstSeed);
  while (results.length < list.length) {
    const why = await supervise(list.slice(results.length), parent, take);
    if (why !== undefined) take({ ...list[results.length], end: why, ms: 2 * MOST_MS, growthBytes: 0 });
  }
  printTable(results);
  console.log(`${list.length} inputs; memory grew by ${megabytes(peakBytes - startBytes)} MB at its peak`);
  const faults = results.filter((result) => faultOf(result) !== undefined);
  for (const fault of faults) report(fault, kept);
  if (faults.length === 0) rmSync(parent, { recursive: true });
  process.exitCode = faults.length === 0 ? 0 : 1;
}

function report(fault: Result, kept: string): void {
  mkdirSync(kept, { recursive: true });
  const { name }: FuzzFormat = FUZZ_FORMATS[fault.format];
  const path = join(kept, `${name.replaceAll(' ', '-')}_${fault.seed}`);
  writeFileSync(path, inputOf(fault));
  console.log(`FAULT ${name}, seed ${fault.seed}, kept as ${path}\n  ${faultOf(fault)}`);
}

if (isMainThread) await main();
else await work(workerData.list, workerData.parent);
