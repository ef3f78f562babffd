// How fast the three sides of convolutions run in training steps on the CPU, against PyTorch, in turn: the layers of the
// recipes, in milliseconds. Run: npm run bench:convolutions (needs Debian's python3-torch and libopenblas0-pthread)

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { openSession } from '../shared/models/session.js';
import { sizeOf, tensor } from '../shared/tensor.js';
import * as a from '../shared/train/arithmetic.js';
import { emit } from '../shared/train/onnx.js';
import type { Dims, Node } from '../shared/train/ops.js';
import { median } from './photos.js';

const ROUNDS = Number(process.argv[2] ?? 9);

/** Batch, channels, side of the map; kernels, side, stride and padding. Transposed layers stand as what they turn round. */
type Layer = readonly [number, number, number, number, number, number, number];
const layers: Record<string, Layer> = {
  'MNIST classifier, first': [64, 1, 28, 32, 5, 1, 2],
  'MNIST classifier, second': [64, 32, 14, 64, 5, 1, 2],
  'DCGAN judge, first': [128, 1, 28, 32, 5, 1, 0],
  'DCGAN judge, second': [128, 32, 12, 64, 5, 1, 0],
  'DCGAN artist, first': [128, 64, 14, 128, 4, 2, 1],
  'DCGAN artist, last': [128, 1, 28, 64, 4, 2, 1],
  'CycleGAN, first': [1, 3, 134, 64, 7, 1, 0],
  'CycleGAN, to 64 px': [1, 64, 128, 128, 3, 2, 1],
  'CycleGAN, to 32 px': [1, 128, 64, 256, 3, 2, 1],
  'CycleGAN, block': [1, 256, 34, 256, 3, 1, 0],
  'CycleGAN, last': [1, 64, 134, 3, 7, 1, 0],
  'PatchGAN, first': [1, 3, 128, 64, 4, 2, 1],
  'PatchGAN, second': [1, 64, 64, 128, 4, 2, 1],
  'PatchGAN, third': [1, 128, 32, 256, 4, 2, 1],
  'PatchGAN, fourth': [1, 256, 16, 512, 4, 1, 1],
  'PatchGAN, last': [1, 512, 15, 1, 4, 1, 1],
  'narrow CycleGAN, first': [1, 3, 134, 16, 7, 1, 0],
  'narrow CycleGAN, to 64 px': [1, 16, 128, 32, 3, 2, 1],
  'narrow CycleGAN, block': [1, 64, 34, 64, 3, 1, 0],
  'narrow CycleGAN, last': [1, 16, 134, 3, 7, 1, 0],
};

/** The value of one side of a layer; each run takes its milliseconds. */
type Run = () => Promise<number>;
const SIDES = ['forward', 'map', 'kernel'] as const;
type Side = (typeof SIDES)[number];

function sideOf([batch, channels, side, kernels, size, stride, padding]: Layer, wanted: Side): Node {
  const walk = a.walk({ stride, padding });
  const x = a.input('x', [batch, channels, side, side]);
  const kernel = a.input('kernel', [kernels, channels, size, size]);
  const made = a.conv(x, kernel, walk);
  const y = a.input('y', made.dims);
  if (wanted === 'forward') return made;
  return wanted === 'map'
    ? a.convTranspose(y, kernel, { ...walk, size: [side, side] })
    : a.convKernel(x, y, { ...walk, size: [size, size] });
}

async function ours(layer: Layer, side: Side): Promise<{ run: Run; close(): Promise<void> }> {
  const value = sideOf(layer, side);
  const session = await openSession(emit({ value }), { name: 'a layer', device: 'cpu' });
  const numbers = (dims: Dims) => Float32Array.from({ length: sizeOf(dims) }, () => Math.random() - 0.5);
  const feeds = session.inputs.map(({ name, dims }) => [
    name,
    tensor(dims as number[], numbers(dims as Dims)),
  ]);
  const run = async () => {
    const start = performance.now();
    await session.run(Object.fromEntries(feeds));
    return performance.now() - start;
  };
  return { run, close: () => session.close() };
}

/** PyTorch in a process of its own: a line with a layer and a side in, a line with milliseconds out. */
function startTorch(): { ask(layer: Layer, side: Side): Promise<number>; stop(): void } {
  const script = new URL('../../bench/convolutions.py', import.meta.url).pathname;
  const child = spawn(process.env.PYTHON ?? '/usr/bin/python3', [script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(layer, side) {
      child.stdin.write(`${side} ${layer.join(' ')}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('PyTorch has stopped');
      return Number(value);
    },
    stop: () => child.stdin.end(),
  };
}

const torch = startTorch();
console.log(`milliseconds, ours / PyTorch, median of ${ROUNDS} rounds in turn`);
console.log(['layer'.padEnd(28), ...SIDES.map((side) => side.padStart(15))].join(''));
for (const [name, layer] of Object.entries(layers)) {
  const cells: string[] = [];
  for (const side of SIDES) {
    const { run, close } = await ours(layer, side);
    const times: [number[], number[]] = [[], []];
    await run();
    await torch.ask(layer, side);
    for (let round = 0; round < ROUNDS; round++) {
      times[0].push(await run());
      times[1].push(await torch.ask(layer, side));
    }
    cells.push(
      times
        .map((ms) => median(ms).toFixed(1))
        .join(' / ')
        .padStart(15),
    );
    await close();
  }
  console.log([name.padEnd(28), ...cells].join(''));
}
torch.stop();
