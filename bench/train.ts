// How long a training step takes on the CPU, and how much memory, against PyTorch and TensorFlow.js: the same networks, batches
// and losses, in turn. Run: npm run bench:train [ROUNDS]. Needs Debian's python3-torch and libopenblas0-pthread, and
// npm install --no-save @tensorflow/tfjs @tensorflow/tfjs-backend-wasm

import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { parseTable } from '../shared/options.js';
import { sizeOf, tensor } from '../shared/tensor.js';
import type { Recipe } from '../shared/train/recipes/recipe.js';
import { RECIPES } from '../shared/train/recipes/table.js';
import { type PartialSettings, SETTINGS } from '../shared/train/settings.js';
import { openMachine } from '../shared/train/step.js';
import type { State } from '../shared/train/weights.js';
import { median } from './photos.js';

const ROUNDS = Number(process.argv[2] ?? 11);
const WARM_UP = 2;
const NETS = {
  classifier: { picture: [1, 28, 28], settings: { batch: 64, rate: 1e-3 } },
  dcgan: { picture: [1, 28, 28], settings: { batch: 128, rate: 1e-3 } },
  cyclegan: { picture: [3, 128, 128], settings: { batch: 1, rate: 2e-4, blocks: 6 } },
} as const satisfies Record<
  string,
  { picture: readonly [number, number, number]; settings: PartialSettings }
>;
type Net = keyof typeof NETS;

/** One side in a process of its own: runs a step and says how many milliseconds it took; `memory` answers the peak in MB. */
interface Runner {
  step(): Promise<number>;
  memory(): Promise<number>;
  close(): void;
}

/** The other end of a pipe: one line for each question. */
function start(program: string, args: readonly string[]): Runner {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    if (line.startsWith('PyTorch')) console.error(line);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<number> => {
    if (child.stdin.writable) child.stdin.write(`${question}\n`);
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(said.find((line) => /error/i.test(line)) ?? `${program} did not answer`);
      if (Number.isFinite(Number.parseFloat(value))) return Number(value);
    }
  };
  child.stdin.on('error', () => undefined);
  return { step: () => ask('step'), memory: () => ask('memory'), close: () => child.stdin.end() };
}

interface Side {
  start(net: Net): Runner;
  /** Of `rounds` steps, how many: the slow take fewer. */
  steps(rounds: number): number;
}

const THREADS = String(availableParallelism());
const SIDES: Readonly<Record<string, Side>> = {
  nigaoe: {
    start: (net) => start(process.execPath, [process.argv[1], '--serve', net]),
    steps: (rounds) => rounds,
  },
  PyTorch: {
    start: (net) => start(process.env.PYTHON ?? '/usr/bin/python3', ['bench/train.py', net, THREADS]),
    steps: (rounds) => rounds,
  },
  'TensorFlow.js': {
    start: (net) => start(process.execPath, ['bench/train.tfjs.js', net, 'wasm']),
    steps: () => 3,
  },
};

/** Our side, in a process of its own, as its memory is measured. */
async function serve(net: Net): Promise<void> {
  const { picture, settings } = NETS[net];
  const filled = { ...parseTable(SETTINGS, settings), total: 1000, heldBatch: settings.batch };
  const plan = (RECIPES[net] as Recipe).plan(picture, filled, { classes: 10 });
  const state: State = new Map();
  plan.weights.begin(state, 1);
  const machine = await openMachine(plan.train, { name: net, device: 'cpu' });
  const feeds = Object.fromEntries(
    plan.train.inputs
      .filter(({ attributes: { name, fill } }) => fill === undefined && !state.has(name))
      .map(({ attributes: { name, dims } }) => [
        name,
        tensor(dims, new Float32Array(sizeOf(dims)).map(noise)),
      ]),
  );
  feeds.labels?.data.set(feeds.labels.data.map((_, at) => at % 10));
  let step = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const startMs = performance.now();
    if (line === 'step') await machine.run(state, { seed: 1, step: ++step }, feeds);
    console.log(line === 'step' ? performance.now() - startMs : process.resourceUsage().maxRSS / 1024);
  }
  await machine.close();
}
const noise = (_: number, at: number): number => Math.sin(at * at);

/** Lets the sides take turns, so that each step meets the same machine, and prints a line for each. */
async function compare(net: Net): Promise<void> {
  const sides = Object.entries(SIDES).map(([name, { start, steps }]) => ({
    ...{ name, runner: start(net), left: steps(ROUNDS) },
    ...{ times: [] as number[], fault: undefined as string | undefined },
  }));
  for (let round = -WARM_UP; round < ROUNDS; round++)
    for (const side of sides.filter(({ fault, left }) => fault === undefined && left > 0)) {
      const ms = await side.runner.step().catch((error: Error) => (side.fault = error.message));
      if (typeof ms === 'string' || round < 0) continue;
      side.times.push(ms);
      side.left--;
    }
  const figures: Figures[] = [];
  for (const { runner, times, fault } of sides) {
    figures.push(fault ?? { ms: median(times), memory: await runner.memory() });
    runner.close();
  }
  for (const [at, { name }] of sides.entries())
    console.log(`${net.padEnd(12)} ${name.padEnd(14)} ${told(figures[at], figures[0])}`);
}

type Figures = string | { ms: number; memory: number };

function told(figures: Figures, ours: Figures): string {
  if (typeof figures === 'string') return figures;
  const line = `${figures.ms.toFixed(0)} ms, ${figures.memory.toFixed(0)} MB`;
  if (figures === ours || typeof ours === 'string') return line;
  const [time, memory] = [ours.ms / figures.ms, ours.memory / figures.memory];
  return `${line}: nigaoe takes ${time.toFixed(2)} of the time, ${memory.toFixed(2)} of the memory`;
}

if (process.argv[2] === '--serve') await serve(process.argv[3] as Net);
else for (const net of Object.keys(NETS) as Net[]) await compare(net);
