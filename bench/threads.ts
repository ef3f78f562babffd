// How many threads a network is given, whether they spin while they wait, and whether several pictures in one batch draw faster:
// what `sessionOptions` of shared/models/session.ts was settled by. Processor time is told besides, as spinning costs it.
// Run: npm run bench:threads [STYLE...]  (with NIGAOE_MIRROR)

import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { readOnnx, writeOnnx } from '../shared/models/onnx/file.js';
import { hasFloat16, widenToFloat32 } from '../shared/models/onnx/float32.js';
import { allEntries } from '../shared/models/store/installed.js';
import { openStore } from '../shared/models/store/store.js';
import { median } from './photos.js';

const ROUNDS = 7;
const SIDES_PX = [256, 512];

interface Setting {
  threads: number;
  spins: boolean;
  batch: number;
}

const cores = availableParallelism();
const SETTINGS: Setting[] = [
  ...[...new Set([1, cores / 2, cores, 2 * cores].filter((count) => count >= 1))].flatMap((threads) =>
    [false, true].map((spins) => ({ threads: Math.floor(threads), spins, batch: 1 })),
  ),
  { threads: cores, spins: false, batch: 2 },
  { threads: cores, spins: false, batch: 4 },
];

/** The network as float32, of pictures as many as come. */
async function networkOf(id: string): Promise<Uint8Array> {
  const store = openStore();
  const entry = (await allEntries(store)).find((each) => each.id === id);
  if (entry === undefined) throw new Error(`Expected a style of the catalogue but received ${id}`);
  const model = readOnnx(await readFile(await store.ensure(entry, { acceptLicence: true })));
  if (hasFloat16(model)) widenToFloat32(model);
  for (const { type } of [...model.graph.input, ...model.graph.output])
    if (type?.tensorType?.shape?.dim[0]) type.tensorType.shape.dim[0] = { dimParam: 'pictures' };
  model.graph.valueInfo = [];
  return writeOnnx(model);
}

async function open(network: Uint8Array, { threads, spins }: Setting): Promise<InferenceSession> {
  return InferenceSession.create(network, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableMemPattern: false,
    logSeverityLevel: 4,
    extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: spins ? '1' : '0' } } },
  });
}

/** Milliseconds of wall and of processor time for a picture. */
async function timeOf(session: InferenceSession, sidePx: number, batch: number) {
  const data = Float32Array.from({ length: batch * sidePx * sidePx * 3 }, (_, at) => Math.sin(at / 97));
  const feed = { [session.inputNames[0]]: new OrtTensor('float32', data, [batch, sidePx, sidePx, 3]) };
  const [startMs, used] = [performance.now(), process.cpuUsage()];
  await session.run(feed);
  const { user, system } = process.cpuUsage(used);
  return { ms: (performance.now() - startMs) / batch, cpuMs: (user + system) / 1000 / batch };
}

async function measure(id: string): Promise<void> {
  const network = await networkOf(id);
  const sessions: InferenceSession[] = [];
  for (const setting of SETTINGS) sessions.push(await open(network, setting));
  for (const sidePx of SIDES_PX) {
    const times = SETTINGS.map(() => [] as { ms: number; cpuMs: number }[]);
    for (let round = 0; round <= ROUNDS; round++)
      for (const [at, { batch }] of SETTINGS.entries()) {
        const time = await timeOf(sessions[at], sidePx, batch).catch(() => ({
          ms: Number.NaN,
          cpuMs: Number.NaN,
        }));
        if (round > 0) times[at].push(time);
      }
    for (const [at, { threads, spins, batch }] of SETTINGS.entries()) {
      const [ms, cpuMs] = [
        median(times[at].map((time) => time.ms)),
        median(times[at].map((time) => time.cpuMs)),
      ];
      const told = `${threads} threads${spins ? ' that spin' : ''}${batch > 1 ? `, ${batch} pictures at once` : ''}`;
      const found = Number.isNaN(ms)
        ? 'it takes one picture at a time'
        : `${ms.toFixed(0)} ms a picture, ${cpuMs.toFixed(0)} ms of processors`;
      console.log(`${id.padEnd(12)} ${sidePx} px  ${told.padEnd(34)} ${found}`);
    }
  }
  for (const session of sessions) await session.release();
}

const names = process.argv.slice(2);
for (const name of names.length > 0 ? names : ['tiny-cute', 'hayao']) await measure(name);
