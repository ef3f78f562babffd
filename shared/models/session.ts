// Runs ONNX models: the only door to onnxruntime-node. One provider at a time, each proved by a probe run.

import './telemetry.js';
import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { NigaoeError } from '../errors.js';
import type { Device } from '../options.js';
import type { Tensor } from '../tensor.js';
import { blockFedKernels, hasFedKernels } from './cpu/fed-kernels.js';
import { rewriteForCpu } from './cpu/for-cpu.js';
import { candidates, missingFor, type RealDevice } from './device.js';
import { GraphBuilder } from './onnx/builder.js';
import { type OnnxModel, readOnnx, writeOnnx } from './onnx/file.js';
import { castFloat16Ports, hasFloat16, widenToFloat32 } from './onnx/float32.js';
import { numbersFor, numbersFrom } from './port-numbers.js';

/** An input or output of a model; a dim is a number, or a name where it is free. */
interface Port {
  name: string;
  dims: readonly (number | string)[];
  /** As onnxruntime names it: float32, int64; empty for what is no tensor. */
  type: string;
}

/** An open model. Not for concurrent use: onnxruntime blocks the thread while it runs. */
export interface Session {
  /** Where it really runs. */
  readonly device: RealDevice;
  /** Why there: what was asked for, and what came of better devices. */
  readonly deviceReason: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /**
   * Float32 in, float32 out, by port name; ports of other types are fed and read by conversion. Throws `internal` with
   * onnxruntime's reason where the run fails.
   */
  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>;
  /** Gives the memory back; may be called twice. */
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Name for messages. */
  name: string;
  device?: Device;
  /** Fail where the named device does not work, instead of falling back to the CPU. */
  requireDevice?: boolean;
  /** What to do where a run fails; default: draw smaller. */
  hint?: string;
  /**
   * Promises that the model is fed one picture at a time with sides that are multiples of this: on the CPU it is then
   * rewritten to what computes fastest there. Left out, the model runs as it is.
   */
  sidesMultipleOf?: number;
}

/** What came of trying a device. */
interface DeviceReport {
  device: RealDevice;
  works: boolean;
  /** Why it does not work, in onnxruntime's words. */
  reason?: string;
  /** Time of opening and running the probe model. */
  probeMs: number;
}

export type GivenModel = Uint8Array | OnnxModel | { path: string };

const DRAW_SMALLER = 'Draw smaller, with --size or --max-side.';

/**
 * Opens a model (the bytes of an ONNX file, a model that was built, or the path of a file that lies beside its weights and is
 * run as it is) on the first device that proves itself and takes it. Float16 models get float32 ports; on the CPU, which has
 * no float16 kernels, they are widened throughout.
 * @throws `device-absent` when a required device does not work, `model-corrupt` when onnxruntime refuses the model
 */
export async function openSession(given: GivenModel, options: SessionOptions): Promise<Session> {
  const { device: wish = 'auto', requireDevice = false, name, hint = DRAW_SMALLER } = options;
  const file = modelFile(given, options);
  const failures: string[] = [];
  let refusal: unknown;
  for (const device of candidates(wish, requireDevice)) {
    const { works, reason } = await probeDevice(device);
    try {
      if (works)
        return wrap(await create(await file.contentFor(device), sessionOptions(device)), {
          device,
          deviceReason: reasonFor(wish, device, failures),
          name,
          hint,
        });
      failures.push(`${device}: ${reason}`);
    } catch (error) {
      refusal = error;
      failures.push(`${device}: ${firstLine(error)}`);
    }
  }
  throw refusal === undefined ? absent(wish, failures) : refused(name, refusal);
}

/** Published bytes go to onnxruntime as they are; they are written anew only when something was changed. */
function modelFile(
  given: GivenModel,
  { name, sidesMultipleOf }: SessionOptions,
): { contentFor(device: RealDevice): Promise<Uint8Array | string> } {
  if ('path' in given) return { contentFor: () => Promise.resolve(given.path) };
  const isFile = given instanceof Uint8Array;
  const model = isFile ? readOnnx(given, name) : given;
  const half = hasFloat16(model);
  return {
    async contentFor(device) {
      if (half && device === 'cpu') widenToFloat32(model);
      else if (half) castFloat16Ports(model);
      const isRewritten =
        device === 'cpu' && sidesMultipleOf !== undefined && rewriteForCpu(model, sidesMultipleOf);
      // Only what is trained has kernels that are fed, and that is built here.
      const block =
        !isFile && device === 'cpu' && hasFedKernels(model) ? await channelsPerBlock() : undefined;
      if (block !== undefined) blockFedKernels(model, block);
      return half || isRewritten || !isFile ? writeOnnx(model) : given;
    },
  };
}

// The library tells bytes and paths apart by its declarations only.
const create = (content: Uint8Array | string, options: InferenceSession.SessionOptions) =>
  typeof content === 'string'
    ? InferenceSession.create(content, options)
    : InferenceSession.create(content, options);

function reasonFor(wish: Device, device: RealDevice, failures: readonly string[]): string {
  const others = failures.length > 0 ? `; ${failures.join('; ')}` : '';
  return wish === device
    ? `${device} was asked for`
    : `${device} is the first that works for ${wish}${others}`;
}

/** Tries a device with a tiny model whose answer is known; the answer is kept for the life of the process. */
export function probeDevice(device: RealDevice): Promise<DeviceReport> {
  const known = probes.get(device);
  if (known) return known;
  const report = probe(device);
  probes.set(device, report);
  return report;
}

const probes = new Map<RealDevice, Promise<DeviceReport>>();

function absent(wish: Device, failures: readonly string[]): NigaoeError {
  return new NigaoeError(
    'device-absent',
    `Expected device ${wish} to work but it does not (${failures.join('; ')})`,
    {
      hint: 'See `nigaoe doctor`, or leave --require-device out to fall back to the CPU.',
    },
  );
}

/** How onnxruntime says that a whole file is beyond it: its operators, or the version of ONNX that they are of. */
const BEYOND =
  /is not a registered function\/op|No Op registered for|Unsupported model IR version|is till opset/;

function refused(name: string, cause: unknown): NigaoeError {
  const message = `Expected a model that onnxruntime can run in ${name} but it says: ${firstLine(cause)}`;
  if (BEYOND.test(message))
    return new NigaoeError('model-unsupported', message, {
      hint: 'The file is whole, but of a kind that onnxruntime does not know: export it anew, with opset 17 for example.',
      cause,
    });
  return new NigaoeError('model-corrupt', message, {
    hint: 'Check that the file is complete and of a kind that onnxruntime knows.',
    cause,
  });
}

async function probe(device: RealDevice): Promise<DeviceReport> {
  const missing = missingFor(device);
  if (missing !== undefined) return { device, works: false, reason: missing, probeMs: 0 };
  const startMs = performance.now();
  const elapsed = () => performance.now() - startMs;
  try {
    const session = await InferenceSession.create(probeModel(), sessionOptions(device));
    const { y } = await session.run({
      x: new OrtTensor('float32', Float32Array.of(1, 2, 3, 4), [1, 1, 2, 2]),
    });
    await session.release();
    if (Number(y.data[0]) !== 10) throw new Error(`it computes ${String(y.data[0])} where 10 is right`);
    return { device, works: true, probeMs: elapsed() };
  } catch (error) {
    return { device, works: false, reason: firstLine(error), probeMs: elapsed() };
  }
}

/** How many channels this machine's blocked convolutions take together: 8 with AVX2, 16 with AVX-512; undefined where none. */
function channelsPerBlock(): Promise<number | undefined> {
  blocks ??= findBlock().catch(() => undefined);
  return blocks;
}
let blocks: Promise<number | undefined> | undefined;

/** Of two pixels of 64 channels, the second one's first channel comes after the first block of the first. */
async function findBlock(): Promise<number | undefined> {
  const graph = new GraphBuilder('block');
  graph.output(
    'y',
    graph.op('com.microsoft.nchwc:ReorderInput', [graph.input('x', [1, 64, 1, 2])]),
    [1, 64, 1, 2],
  );
  const model = graph.model();
  model.opsetImport.push({ domain: 'com.microsoft.nchwc', version: 1 });
  const session = await InferenceSession.create(writeOnnx(model), sessionOptions('cpu'));
  const x = Float32Array.from({ length: 128 }, (_, index) => index);
  const { y } = await session.run({ x: new OrtTensor('float32', x, [1, 64, 1, 2]) });
  await session.release();
  const block = Array.from(y.data as Float32Array).indexOf(1);
  // Builds without blocked kernels have blocks of 1, and convolutions that write nothing and fail at nothing.
  return block > 1 ? block : undefined;
}

/** y = 2x2 convolution of x with ones: the sum of four numbers. */
function probeModel(): Uint8Array {
  const graph = new GraphBuilder('probe');
  const x = graph.input('x', [1, 1, 2, 2]);
  const sum = graph.op('Conv', [x, graph.weight([1, 1, 2, 2], Float32Array.of(1, 1, 1, 1))], {
    kernel_shape: [2, 2],
  });
  graph.output('y', sum, [1, 1, 1, 1]);
  return writeOnnx(graph.model());
}

// Measured at 1280 x 856 on two cores: without the arena every run asks the system for its memory anew and takes 2.5 times
// as long; with memory patterns it takes as long as without them and 1.8 times the memory. Threads that spin while they
// wait cost a third more processor time, and denormals slow convolutions down a hundredfold.
function sessionOptions(device: RealDevice): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: availableParallelism(),
    interOpNumThreads: 1,
    enableMemPattern: false,
    // What it would log as an error is thrown as well, and becomes one sentence for the user.
    logSeverityLevel: 4,
    extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } } },
  };
}

function wrap(
  session: InferenceSession,
  about: { device: RealDevice; deviceReason: string; name: string; hint: string },
): Session {
  const { name, hint, ...where } = about;
  let closing: Promise<void> | undefined;
  const types = new Map(session.inputMetadata.map((each) => [each.name, each.isTensor ? each.type : '']));
  return {
    ...where,
    inputs: session.inputMetadata.map(portOf),
    outputs: session.outputMetadata.map(portOf),
    async run(feeds) {
      if (closing) throw new NigaoeError('internal', `internal: ${name} is closed`);
      const entries = Object.entries(feeds).map(([port, value]) => [
        port,
        ortTensor(types.get(port) ?? 'float32', value),
      ]);
      const results = await session
        .run(Object.fromEntries(entries) as Record<string, OrtTensor>)
        .catch(failedRun(name, hint));
      return Object.fromEntries(Object.entries(results).map(([port, value]) => [port, tensorOf(value)]));
    },
    close() {
      closing ??= session.release();
      return closing;
    },
  };
}

// A picture may be too large for the memory or of a size that the network does not take: the model itself is good.
function failedRun(name: string, hint: string): (cause: unknown) => never {
  return (cause) => {
    throw new NigaoeError('internal', `${name} could not be run; onnxruntime says: ${firstLine(cause)}`, {
      hint,
      cause,
    });
  };
}

function portOf(metadata: InferenceSession.ValueMetadata): Port {
  return metadata.isTensor
    ? { name: metadata.name, dims: metadata.shape, type: metadata.type }
    : { name: metadata.name, dims: [], type: '' };
}

function ortTensor(type: string, { dims, data }: Tensor): OrtTensor {
  const numbers = numbersFor(type, data);
  if (numbers === undefined) throw new Error(`internal: a model wants ${type}, which is not fed`);
  return new OrtTensor(type as 'float32', numbers as Float32Array, dims);
}

function tensorOf({ dims, data, type }: OrtTensor): Tensor {
  const numbers = numbersFrom(type, data);
  if (numbers === undefined) throw new Error(`internal: a model answers ${type} where numbers were expected`);
  return { dims, data: numbers };
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0].trim();
}
