// Which execution providers this platform could have, and what can be told of them without loading any.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Device } from '../options.js';

/** A device that something really runs on. */
export type RealDevice = Exclude<Device, 'auto'>;

// WebGPU is slower to start than the others: last before the CPU everywhere.
const BY_PLATFORM: Partial<Record<NodeJS.Platform, readonly RealDevice[]>> = {
  linux: ['cuda', 'webgpu', 'cpu'],
  darwin: ['coreml', 'webgpu', 'cpu'],
  win32: ['dml', 'webgpu', 'cpu'],
};

/** The devices that this platform could have, best first. */
const PLATFORM_DEVICES: readonly RealDevice[] = BY_PLATFORM[process.platform] ?? ['cpu'];

/** Devices to try for a wish, best first. A named device falls back to the CPU unless it is required. */
export function candidates(device: Device, requireDevice = false): readonly RealDevice[] {
  if (device === 'auto') return PLATFORM_DEVICES;
  return requireDevice || device === 'cpu' ? [device] : [device, 'cpu'];
}

/**
 * Why a device cannot work here, as far as files tell; undefined where only trying tells. onnxruntime and WebGPU shout
 * on the terminal when they are asked for what is plainly not there.
 */
export function missingFor(device: RealDevice): string | undefined {
  if (!PLATFORM_DEVICES.includes(device)) return `onnxruntime-node has no ${device} on ${process.platform}`;
  if (device === 'cuda' && !existsSync(cudaLibrary()))
    return 'its library is not installed; `npm run setup:cuda` in a clone of nigaoe fetches it';
  if (device === 'webgpu' && process.platform === 'linux' && !hasGraphicsCard())
    return 'this machine shows no graphics card';
  return undefined;
}

function cudaLibrary(): string {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  return join(root, 'bin', 'napi-v6', process.platform, process.arch, 'libonnxruntime_providers_cuda.so');
}

const hasGraphicsCard = (): boolean => existsSync('/dev/dri') || existsSync('/dev/nvidia0');
