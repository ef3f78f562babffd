// What widening float16 weights to float32 at load buys on the CPU: each catalogue style with a float16 file, drawn at
// 512 px as published (float16 inside, casts at the ports) and widened, in turn. Run: npm run bench:float16

import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { CATALOGUE } from '../shared/models/catalogue.js';
import { type OnnxModel, readOnnx, writeOnnx } from '../shared/models/onnx/file.js';
import { castFloat16Ports, hasFloat16 } from '../shared/models/onnx/float32.js';
import { openSession } from '../shared/models/session.js';
import { openStore } from '../shared/models/store/store.js';
import { median } from './photos.js';

const SIDE_PX = 512;
const ROUNDS = 7;

async function openAsPublished(model: OnnxModel): Promise<InferenceSession> {
  castFloat16Ports(model);
  return InferenceSession.create(writeOnnx(model), {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

const store = openStore();
const data = Float32Array.from({ length: SIDE_PX * SIDE_PX * 3 }, (_, i) => Math.sin(i / 97));
const dims = [1, SIDE_PX, SIDE_PX, 3];
console.log(
  `style             as published   widened   ratio   largest difference (range is 2), median of ${ROUNDS}`,
);
for (const entry of CATALOGUE.filter((each) => each.kind === 'gan' && each.checkpoint === undefined)) {
  const path = await store.ensure(entry, { acceptLicence: true });
  const bytes = await readFile(path);
  const model = readOnnx(bytes, entry.id);
  if (!hasFloat16(model)) continue;
  const published = await openAsPublished(model);
  const widened = await openSession(bytes, { name: entry.id, device: 'cpu' });
  const feed = { [published.inputNames[0]]: new OrtTensor('float32', data, dims) };
  const [before, after] = [
    await published.run(feed),
    await widened.run({ [widened.inputs[0].name]: { dims, data } }),
  ];
  const half = before[published.outputNames[0]].data as Float32Array;
  const full = after[widened.outputs[0].name].data;
  const difference = full.reduce((worst, value, i) => Math.max(worst, Math.abs(value - half[i])), 0);
  const times: { before: number; after: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    times.push({
      before: await timed(() => published.run(feed)),
      after: await timed(() => widened.run({ [widened.inputs[0].name]: { dims, data } })),
    });
  }
  const [beforeMs, afterMs] = [
    median(times.map((time) => time.before)),
    median(times.map((time) => time.after)),
  ];
  console.log(
    `${entry.id.padEnd(18)}${beforeMs.toFixed(0).padStart(9)} ms${afterMs.toFixed(0).padStart(7)} ms${(beforeMs / afterMs).toFixed(2).padStart(8)}   ${difference.toFixed(4)}`,
  );
  await published.release();
  await widened.close();
}
