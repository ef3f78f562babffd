// What the doctor finds out.

import type { Int8Instructions } from '../../models/int8-instructions.js';
import type { DeviceCheck } from './devices.js';
import type { PackageCheck } from './packages.js';
import type { StoreCheck } from './store.js';

/** Everything that the doctor finds out; `--json` prints it. */
export interface Findings {
  version: string;
  node: string;
  platform: string;
  cpu: { model: string; cores: number; int8: Int8Instructions };
  memory: { totalBytes: number; freeBytes: number };
  onnxruntime: string | undefined;
  sharp: PackageCheck;
  /** Its version; absent where there is none. */
  ffmpeg: string | undefined;
  devices: DeviceCheck[];
  store: StoreCheck;
  faces: { detector?: string; landmarker?: string; reason?: string };
}
