// How long a training step takes on the CPU, and how much memory, against PyTorch: the same networks, batches and losses, in
// turn. Run: npm run bench:train [ROUNDS] (needs Debian's python3-torch)

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
const NETS = {
  classifier: { picture: [1, 28, 28], settings: { batch: 64, rate: 1e-3 } },
  dcgan: { picture: [1, 28, 28], settings: { batch: 128, rate: 1e-3 } },
  cyclegan: { picture: [3, 128, 128], settings: { batch: 1, rate: 2e-4, blocks: 6 } },
} as const satisfies Record<
  string,
  { picture: readonly [number, number, number]; settings: PartialSettings }
>;
type Net = keyof typeof NETS;

/** Runs a step and says how many milliseconds it took; `memory` answers the peak in MB. */
interface Runner {
  step(): Promise<number>;
  memory(): Promise<number>;
  close(): void;
}

/** The other side of a pipe: one line for each question. */
function runnerOf(program: string, args: readonly string[]): Runner {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (question: string) => {
    child.stdin.write(`${question}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${program} did not answer: is python3-torch installed?`);
    return Number(value);
  };
  return { step: () => ask('step'), memory: () => ask('memory'), close: () => child.stdin.end() };
}

/** Our side, in a process of its own, as its memory is measured. */
async function serve(net: Net): Promise<void> {
  const { picture, settings } = NETS[net];
  const filled = { ...parseTable(SETTINGS, settings), total: 1000, heldBatch: settings.batch };
  const plan = (RECIPES[net] as Recipe).plan(picture, filled, 10);
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
  if (feeds.labels) feeds.labels.data.forEach((_, at) => (feeds.labels.data[at] = at % 10));
  let step = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const startMs = performance.now();
    if (line === 'step') await machine.run(state, { seed: 1, step: ++step }, feeds);
    console.log(line === 'step' ? performance.now() - startMs : process.resourceUsage().maxRSS / 1024);
  }
  await machine.close();
}
const noise = (_: number, at: number): number => Math.sin(at * at);

async function compare(net: Net): Promise<void> {
  const ours = runnerOf(process.execPath, [process.argv[1], '--serve', net]);
  const torch = runnerOf(process.env.PYTHON ?? '/usr/bin/python3', [
    'bench/train.py',
    net,
    String(availableParallelism()),
  ]);
  const times: [number[], number[]] = [[], []];
  for (let round = -2; round < ROUNDS; round++)
    for (const [at, runner] of [ours, torch].entries()) {
      const ms = await runner.step();
      if (round >= 0) times[at].push(ms);
    }
  const [mine, theirs] = times.map(median);
  const [memory, other] = [await ours.memory(), await torch.memory()];
  console.log(
    `${net.padEnd(12)} ${mine.toFixed(0)} ms, PyTorch ${theirs.toFixed(0)} ms: ${(mine / theirs).toFixed(2)} times; ` +
      `${memory.toFixed(0)} MB, PyTorch ${other.toFixed(0)} MB: ${(memory / other).toFixed(2)} times`,
  );
  for (const runner of [ours, torch]) runner.close();
}

if (process.argv[2] === '--serve') await serve(process.argv[3] as Net);
else for (const net of Object.keys(NETS) as Net[]) await compare(net);
