// What widening float16 weights to float32 at load buys on the CPU: each catalogue style with a float16 file, drawn at
// 512 px as published (float16 inside, casts at the ports) and widened, in turn. Run: npm run bench:float16

import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { CATALOGUE } from '../shared/models/catalogue.js';
import {
  ATTRIBUTE_TYPE,
  DATA_TYPE,
  type OnnxModel,
  type ValueInfo,
  writeOnnx,
} from '../shared/models/onnx/file.js';
import { hasFloat16, widenToFloat32 } from '../shared/models/onnx/float32.js';
import { readOnnxFile } from '../shared/models/open-model.js';
import { openSession } from '../shared/models/session.js';
import { openStore } from '../shared/models/store/store.js';
import { median } from './photos.js';

const SIDE_PX = 512;
const ROUNDS = 7;

/** Float32 ports around a float16 model, so that it can be fed on every version of Node. */
function castPorts({ graph }: OnnxModel): void {
  const retype = (port: ValueInfo) => {
    if (port.type?.tensorType) port.type.tensorType.elemType = DATA_TYPE.float32;
  };
  const cast = (from: string, to: string, type: number) => ({
    opType: 'Cast',
    input: [from],
    output: [to],
    attribute: [{ name: 'to', type: ATTRIBUTE_TYPE.int, i: type }],
  });
  const [input] = graph.input;
  const [output] = graph.output;
  for (const node of graph.node)
    node.input = node.input.map((name) => (name === input.name ? 'half_input' : name));
  for (const node of graph.node)
    node.output = node.output.map((name) => (name === output.name ? 'half_output' : name));
  graph.node.unshift(cast(input.name, 'half_input', DATA_TYPE.float16));
  graph.node.push(cast('half_output', output.name, DATA_TYPE.float32));
  retype(input);
  retype(output);
}

async function openAsPublished(model: OnnxModel): Promise<InferenceSession> {
  castPorts(model);
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
for (const entry of CATALOGUE.filter(({ kind }) => kind === 'gan')) {
  const path = await store.ensure(entry, { acceptLicence: true });
  const model = await readOnnxFile(path);
  if (!hasFloat16(model)) continue;
  const published = await openAsPublished(await readOnnxFile(path));
  widenToFloat32(model);
  const widened = await openSession(model, { name: entry.id, device: 'cpu' });
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
