// Tries every device for real, each in a process of its own.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { throwIfCancelled } from '../../errors.js';
import { candidates, type RealDevice } from '../../models/device.js';
import { DEVICES } from '../../options.js';

/** What came of trying a device. */
export interface DeviceCheck {
  device: RealDevice;
  works: boolean;
  reason?: string;
  probeMs?: number;
}

/** Where in onnxruntime's source a check failed: of no use to the user. */
const SOURCE_LINE = /^\/\S+:\d+ .* was false\. /;

const TIMEOUT_MS = 60_000;
const PROBE = fileURLToPath(new URL('./probe-child.js', import.meta.url));

/** All devices that nigaoe knows, the CPU first; those of other systems are not tried. Throws `cancelled`. */
export async function checkDevices(signal: AbortSignal): Promise<DeviceCheck[]> {
  const here = candidates('auto');
  const known = DEVICES.filter((device): device is RealDevice => device !== 'auto');
  const checks: DeviceCheck[] = [];
  for (const device of known) {
    checks.push(here.includes(device) ? await probe(device, signal) : elsewhere(device));
    // A probe that was stopped says nothing about its device.
    throwIfCancelled(signal);
  }
  return checks;
}

function elsewhere(device: RealDevice): DeviceCheck {
  return { device, works: false, reason: `not on ${process.platform}` };
}

function probe(device: RealDevice, signal: AbortSignal): Promise<DeviceCheck> {
  return new Promise((resolve) => {
    const options = { timeout: TIMEOUT_MS, signal };
    execFile(process.execPath, [PROBE, device], options, (error, stdout, stderr) => {
      resolve(readReport(stdout) ?? { device, works: false, reason: whyDied(error, stderr) });
    });
  });
}

/** A process that has answered and then died while closing still has answered. */
function readReport(stdout: string): DeviceCheck | undefined {
  try {
    const report = JSON.parse(stdout) as DeviceCheck;
    return { ...report, reason: report.reason?.replace(SOURCE_LINE, '') };
  } catch {
    return undefined;
  }
}

function whyDied(
  error: { killed?: boolean; signal?: string | null; message?: string } | null,
  stderr: string,
): string {
  if (error?.killed) return `no answer within ${TIMEOUT_MS / 1000} s`;
  if (error?.signal) return `its process died of ${error.signal}`;
  const line = stderr.split('\n').find((text) => text.includes('Error'));
  return line?.trim() ?? error?.message ?? 'no answer';
}
