// Runs ONNX models: the only door to onnxruntime-node. One provider at a time, each proved by a probe run.

import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { NigaoeError } from '../errors.js';
import type { Device } from '../options.js';
import type { Tensor } from '../tensor.js';
import { candidates, missingFor, type RealDevice } from './device.js';
import { GraphBuilder } from './onnx/builder.js';
import { type OnnxModel, writeOnnx } from './onnx/file.js';
import { hasFloat16, widenToFloat32 } from './onnx/float32.js';

/** An input or output of a model; a dim is a number, or a name where it is free. */
export interface Port {
  name: string;
  dims: readonly (number | string)[];
}

/** An open model. Not for concurrent use: onnxruntime blocks the thread while it runs. */
export interface Session {
  /** Where it really runs. */
  readonly device: RealDevice;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Float32 in, float32 out, by port name. */
  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>;
  close(): Promise<void>;
}

export interface SessionOptions {
  /** Name for messages. */
  name: string;
  device?: Device;
  requireDevice?: boolean;
  /** Told when a device was asked for, or would have been better, and could not be had. */
  onNotice?: (sentence: string) => void;
}

/** What came of trying a device. */
export interface DeviceReport {
  device: RealDevice;
  works: boolean;
  /** Why it does not work, in onnxruntime's words. */
  reason?: string;
  /** Time of opening and running the probe model. */
  probeMs: number;
}

/**
 * Opens a model on the first device that proves itself; float16 models are widened to float32 where that is faster or
 * the only way that works.
 * @throws `device-absent` when a required device does not work, `model-corrupt` when onnxruntime refuses the model
 */
export async function openSession(model: OnnxModel, options: SessionOptions): Promise<Session> {
  const { device: wish = 'auto', requireDevice = false, onNotice, name } = options;
  const device = await firstWorking(candidates(wish, requireDevice), wish, { requireDevice, onNotice });
  // onnxruntime-node cannot feed float16 on Node 24, and CPUs have no float16 kernels: float32 ports everywhere.
  if (hasFloat16(model)) widenToFloat32(model);
  return wrap(await createSession(writeOnnx(model), device, name), device);
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

async function firstWorking(
  devices: readonly RealDevice[],
  wish: Device,
  { requireDevice, onNotice }: Pick<SessionOptions, 'requireDevice' | 'onNotice'>,
): Promise<RealDevice> {
  for (const device of devices) {
    const { works, reason } = await probeDevice(device);
    if (works) return device;
    if (requireDevice) throw absent(device, reason);
    if (wish !== 'auto')
      onNotice?.(`Device ${device} does not work here (${reason}); the CPU is used instead`);
  }
  throw absent('cpu', 'no execution provider works');
}

function absent(device: RealDevice, reason: string | undefined): NigaoeError {
  return new NigaoeError('device-absent', `Expected device ${device} to work but it does not: ${reason}`, {
    hint: 'See `nigaoe doctor`, or leave --require-device out to fall back to the CPU.',
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

async function createSession(bytes: Uint8Array, device: RealDevice, name: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, sessionOptions(device));
  } catch (cause) {
    throw new NigaoeError(
      'model-corrupt',
      `Expected a model that onnxruntime can run in ${name} but it says: ${firstLine(cause)}`,
      {
        hint: 'Pull the model again, or report the model if it is the published one.',
        cause,
      },
    );
  }
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
    logSeverityLevel: 3,
    extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } } },
  };
}

function wrap(session: InferenceSession, device: RealDevice): Session {
  return {
    device,
    inputs: session.inputMetadata.map(portOf),
    outputs: session.outputMetadata.map(portOf),
    async run(feeds) {
      const entries = Object.entries(feeds).map(([name, { dims, data }]) => [
        name,
        new OrtTensor('float32', data, dims),
      ]);
      const results = await session.run(Object.fromEntries(entries) as Record<string, OrtTensor>);
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, tensorOf(value)]));
    },
    close: () => session.release(),
  };
}

function portOf(metadata: InferenceSession.ValueMetadata): Port {
  return { name: metadata.name, dims: metadata.isTensor ? metadata.shape : [] };
}

function tensorOf({ dims, data, type }: OrtTensor): Tensor {
  if (!(data instanceof Float32Array))
    throw new Error(`internal: a model answers ${type} where float32 was expected`);
  return { dims, data };
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0].trim();
}
