// How fast the imported AnimeGANv2 generator draws on the CPU, against a plain export of the same weights in onnxruntime and
// against PyTorch, in turn, with random weights. Run: npm run bench:animegan2 (needs Debian's python3-torch and python3-onnx)

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { convertCheckpoint } from '../shared/models/architectures/convert.js';
import { openCheckpoint } from '../shared/models/checkpoints/open.js';
import { openSession, type Session } from '../shared/models/session.js';
import { tensor } from '../shared/tensor.js';
import { median } from './photos.js';

const SIDES = [256, 512];
const ROUNDS = Number(process.argv[2] ?? 11);

/** Draws a picture of that side once and says how many milliseconds it took. */
type Drawing = (side: number) => Promise<number>;

/** PyTorch in a process of its own; it has written its weights and its export into the folder when this returns. */
async function startTorch(folder: string): Promise<{ draw: Drawing; child: ChildProcess }> {
  const python = process.env.PYTHON ?? '/usr/bin/python3';
  const child = spawn(python, ['bench/animegan2.py', folder, String(availableParallelism())], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('PyTorch did not answer: are python3-torch and python3-onnx installed?');
    return value;
  };
  await answer();
  const draw: Drawing = async (side) => {
    child.stdin.write(`${side}\n`);
    return Number(await answer());
  };
  return { draw, child };
}

function drawingOf(session: Session): Drawing {
  return async (side) => {
    const picture = pictureOf(side);
    const startMs = performance.now();
    await session.run({ [session.inputs[0].name]: picture });
    return performance.now() - startMs;
  };
}

const pictureOf = (side: number) =>
  tensor(
    [1, 3, side, side],
    Float32Array.from({ length: 3 * side * side }, (_, i) => Math.sin(i * i)),
  );

async function openOurs(folder: string): Promise<Session> {
  const checkpoint = await openCheckpoint(join(folder, 'random.pt'));
  const { model, architecture } = await convertCheckpoint(checkpoint);
  await checkpoint.close();
  const { multipleOf } = architecture.side;
  return openSession(model, { name: 'imported', device: 'cpu', sidesMultipleOf: multipleOf });
}

const folder = await mkdtemp(join(tmpdir(), 'nigaoe-bench-'));
const torch = await startTorch(folder);
const ours = await openOurs(folder);
const plain = await openSession(await readFile(join(folder, 'plain.onnx')), { name: 'plain', device: 'cpu' });
const peers: Record<string, Drawing> = {
  imported: drawingOf(ours),
  'plain export': drawingOf(plain),
  PyTorch: torch.draw,
};
console.log(
  `AnimeGANv2 generator, random weights, ${availableParallelism()} threads, median of ${ROUNDS} rounds in turn`,
);
for (const side of SIDES) {
  const times = new Map(Object.keys(peers).map((name) => [name, [] as number[]]));
  for (const draw of Object.values(peers)) await draw(side);
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, draw] of Object.entries(peers)) times.get(name)!.push(await draw(side));
  const base = times.get('imported')!;
  for (const [name, ms] of times) {
    const ratio = median(ms.map((time, round) => time / base[round]));
    const line = `${side} px  ${name.padEnd(14)} ${median(ms).toFixed(0).padStart(6)} ms`;
    console.log(name === 'imported' ? line : `${line}   the imported one is ${ratio.toFixed(2)} x as fast`);
  }
}
torch.child.stdin?.end();
await ours.close();
await plain.close();
await rm(folder, { recursive: true });
