// `nigaoe doctor`: what works here, and what to do next.

import { arch, availableParallelism, cpus, freemem, release, totalmem } from 'node:os';
import { FAILURES, throwIfCancelled } from '../../errors.js';
import { findInt8Instructions, type Int8Instructions } from '../../models/int8-instructions.js';
import { VERSION } from '../../version.js';
import { findFfmpeg } from '../../video/tools.js';
import type { Stage } from '../perform.js';
import { seconds, size, table } from '../terminal/wording.js';
import { adviceFor, works } from './advice.js';
import { checkDevices, type DeviceCheck } from './devices.js';
import type { Findings } from './findings.js';
import { checkFaceNetworks, checkSharp, versionOf } from './packages.js';
import { checkStore, type StoreCheck } from './store.js';

/** Prints the findings; 0 where the CPU works. Throws `cancelled`. */
export async function runDoctor({ terminal, signal }: Stage): Promise<number> {
  terminal.begin('Trying the devices; this takes a few seconds');
  const found: Findings = {
    ...describeSystem(await findInt8Instructions()),
    onnxruntime: versionOf('onnxruntime-node'),
    sharp: await checkSharp(),
    ffmpeg: await findFfmpeg(),
    devices: await checkDevices(signal),
    store: await checkStore(),
    faces: await checkFaceNetworks(),
  };
  throwIfCancelled(signal);
  const advice = adviceFor(found);
  terminal.result(report(found, advice), { ...found, advice });
  return works(found.devices, 'cpu') ? 0 : FAILURES['device-absent'].exitCode;
}

function describeSystem(
  int8: Int8Instructions,
): Pick<Findings, 'version' | 'node' | 'platform' | 'cpu' | 'memory'> {
  return {
    version: VERSION,
    node: process.versions.node,
    platform: `${process.platform} ${arch()} ${release()}`,
    cpu: { model: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(), int8 },
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
  };
}

function report(found: Findings, advice: string): string {
  const { cpu, memory, sharp, faces } = found;
  const rows = [
    ['nigaoe', found.version],
    ['Node.js', found.node],
    ['system', found.platform],
    ['CPU', `${cpu.model}, ${cpu.cores} cores`],
    ['int8', cpu.int8.name],
    ['memory', `${size(memory.totalBytes)}, ${size(memory.freeBytes)} free`],
    ['onnxruntime', found.onnxruntime ?? 'not installed'],
    ['sharp', sharp.works ? (sharp.version ?? '') : `${sharp.version ?? ''} does not load: ${sharp.reason}`],
    ['ffmpeg', found.ffmpeg ?? 'not found: nigaoe video needs it'],
    ...found.devices.map((check) => [`device ${check.device}`, deviceWords(check)]),
    ...storeRows(found.store),
    ['faces', faces.reason ?? `${faces.detector}, ${faces.landmarker}`],
  ];
  return `${table(rows)}\n\n${advice}`;
}

function deviceWords({ works: fine, reason, probeMs }: DeviceCheck): string {
  return fine ? `works (${seconds(probeMs ?? 0)})` : `no: ${reason}`;
}

function storeRows(found: StoreCheck): string[][] {
  const { home, writable, reason, freeBytes, mirror, offline, models, own, damaged } = found;
  const state = writable
    ? `writable${freeBytes === undefined ? '' : `, ${size(freeBytes)} free`}`
    : `not writable: ${reason}`;
  return [
    ['store', home === undefined ? state : `${home} (${state})`],
    ['mirror', mirror ?? 'none'],
    ['offline', offline ? 'yes: the network is never used' : 'no'],
    [
      'models',
      models.length === 0 ? 'none pulled; ink and the face networks are part of nigaoe' : models.join(', '),
    ],
    ['your styles', own.length === 0 ? 'none imported' : own.join(', ')],
    ...damaged.map((sentence) => ['damaged', sentence]),
  ];
}
