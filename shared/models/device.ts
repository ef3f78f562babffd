// Which execution providers this platform could have, in the order in which `auto` tries them.

import type { Device } from '../options.js';

/** A device that something really runs on. */
export type RealDevice = Exclude<Device, 'auto'>;

// WebGPU on Linux runs through Vulkan and is slower to start than the others: last before the CPU everywhere.
const BY_PLATFORM: Partial<Record<NodeJS.Platform, readonly RealDevice[]>> = {
  linux: ['cuda', 'webgpu', 'cpu'],
  darwin: ['coreml', 'webgpu', 'cpu'],
  win32: ['dml', 'webgpu', 'cpu'],
};

/** Devices to try for a wish, best first. A named device falls back to the CPU unless it is required. */
export function candidates(device: Device, requireDevice = false): readonly RealDevice[] {
  if (device === 'auto') return BY_PLATFORM[process.platform] ?? ['cpu'];
  return requireDevice || device === 'cpu' ? [device] : [device, 'cpu'];
}
