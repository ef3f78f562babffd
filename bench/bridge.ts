// What the bridge bears: clients that draw without a pause while somebody asks for its health.
// node dist/bench/bridge.js [clients=16] [seconds=60] [side in pixels=512] [one-token]; exit code 1 when a job is lost.
// With `one-token` all clients are one program, which may ask no more often than a single one.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type BridgeClient, openClient } from '../shared/bridge/client.js';
import { TokenList } from '../shared/bridge/tokens/list.js';
import { drawnPhoto } from '../test/isolated/photo.js';

const words = process.argv.slice(2);
const [CLIENTS = 16, SECONDS = 60, SIDE_PX = 512] = words.map(Number).filter(Number.isFinite);
const IS_ONE = words.includes('one-token');
const HEALTH_MS = 20;
/** The first seconds fill caches and load libraries. */
const WARM_UP_S = Math.min(5, SECONDS / 4);

const home = mkdtempSync(join(tmpdir(), 'nigaoe-bench-'));
const main = fileURLToPath(new URL('../shared/cli/main.js', import.meta.url));
const bridge = spawn(process.execPath, [main, 'serve', '--json', '--port', '0', '--home', home], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [firstLine] = (await once(bridge.stdout, 'data')) as [Buffer];
const base = `http://localhost:${(JSON.parse(firstLine.toString()) as { port: number }).port}`;
const tokens = new TokenList(home);
const photo = await drawnPhoto({ width: SIDE_PX, height: SIDE_PX });
const startMs = performance.now();
const endMs = startMs + SECONDS * 1000;
const sum = { done: 0, lost: 0, busy: 0, requests: 0 };
const healthMs: number[] = [];
const rssMiB: number[] = [];
const keptMiB: number[] = [];

await Promise.all([...(await openClients()).map(drawOn), askHealth(), watchMemory()]);
const seconds = (performance.now() - startMs) / 1000;
const { done, lost, busy, requests } = sum;
console.log(
  `${CLIENTS} clients${IS_ONE ? ' with one token' : ''}, ${seconds.toFixed(0)} s, ${SIDE_PX} x ${SIDE_PX} in style ink`,
);
console.log(
  `jobs: ${done} done, ${lost} lost; ${(done / seconds).toFixed(1)} per second; ` +
    `${((requests / seconds) * 60).toFixed(0)} requests a minute, ${busy} of all told to wait`,
);
console.log(
  `memory of the bridge: ${rssMiB[0]} MiB after warm-up, ${rssMiB.at(-1)} MiB at the end, most ${Math.max(...rssMiB)} MiB; ` +
    `of it kept results: ${keptMiB[0]} and ${keptMiB.at(-1)} MiB`,
);
const [half, most] = [quantile(healthMs, 0.5), quantile(healthMs, 0.99)].map((ms) => ms.toFixed(1));
console.log(`/health: median ${half} ms, p99 ${most} ms, of ${healthMs.length}`);
bridge.kill('SIGINT');
await once(bridge, 'exit');
rmSync(home, { recursive: true, force: true });
process.exitCode = lost > 0 ? 1 : 0;

/** One for each, or the same for all. */
async function openClients(): Promise<BridgeClient[]> {
  const open = async (name: string) =>
    openClient({ url: base, token: (await tokens.add(name)).token, fetch: counted });
  const shared = IS_ONE ? await open('the one') : undefined;
  const names = Array.from({ length: CLIENTS }, (_, at) => `client ${at}`);
  return Promise.all(names.map((name) => shared ?? open(name)));
}

async function counted(...call: Parameters<typeof fetch>): Promise<Response> {
  const answer = await fetch(...call);
  sum.requests++;
  if (answer.status === 429) sum.busy++;
  return answer;
}

/** Draws again and again; a job without its picture is lost. */
async function drawOn(client: BridgeClient): Promise<void> {
  while (performance.now() < endMs) {
    const isDrawn = await client.stylize(photo, { options: { scope: 'photo' } }).then(
      ({ pictures }) => pictures.every(({ bytes }) => bytes.length > 0),
      (error: unknown) => void console.error(String(error)),
    );
    sum[isDrawn ? 'done' : 'lost']++;
  }
}

async function askHealth(): Promise<void> {
  while (performance.now() < endMs) {
    const askedMs = performance.now();
    await (await fetch(`${base}/health`)).arrayBuffer();
    if (askedMs - startMs > WARM_UP_S * 1000) healthMs.push(performance.now() - askedMs);
    await delay(HEALTH_MS);
  }
}

async function watchMemory(): Promise<void> {
  const headers = { authorization: `Bearer ${(await tokens.add('watcher')).token}` };
  await delay(WARM_UP_S * 1000);
  while (performance.now() < endMs) {
    const text = await (await fetch(`${base}/metrics`, { headers })).text();
    rssMiB.push(mebibytes(text, 'process_resident_memory_bytes'));
    keptMiB.push(mebibytes(text, 'nigaoe_results_bytes'));
    await delay(500);
  }
}

function mebibytes(metrics: string, name: string): number {
  const line = metrics.split('\n').find((text) => text.startsWith(`${name} `));
  return Math.round(Number(line?.split(' ')[1]) / 2 ** 20);
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)];
}
