// The one thing to do next.

import { existsSync } from 'node:fs';
import type { Findings } from './findings.js';

/** Each case with its advice, the most pressing first. */
const CASES: readonly (readonly [
  applies: (found: Findings) => boolean,
  advice: (found: Findings) => string,
])[] = [
  [
    ({ devices }) => !works(devices, 'cpu'),
    () =>
      'The CPU does not work: install nigaoe again with optional and native packages allowed (npm rebuild).',
  ],
  [
    ({ sharp }) => !sharp.works,
    () =>
      'sharp cannot be loaded: install nigaoe again with optional packages (npm install --include=optional).',
  ],
  [
    ({ faces }) => faces.reason !== undefined,
    () => 'The face networks cannot be opened: run `nigaoe models verify`, or install nigaoe again.',
  ],
  [
    ({ store }) => !store.writable,
    () =>
      'Models cannot be stored: set NIGAOE_HOME to a folder that can be written. The style ink works all the same.',
  ],
  [
    lacksCuda,
    () =>
      'There is an NVIDIA card, but CUDA does not work: its reason stands above. Everything runs on the CPU until then.',
  ],
  [
    ({ store }) => store.models.length + store.own.length === 0,
    () => 'All works. Draw: nigaoe stylize photo.jpg -o drawn.jpg    More styles: nigaoe models list',
  ],
];

/** One line. */
export function adviceFor(found: Findings): string {
  const first = CASES.find(([applies]) => applies(found));
  return (
    first?.[1](found) ??
    'All works. Draw: nigaoe stylize photo.jpg -o drawn.jpg --style <id of nigaoe models list>'
  );
}

/** Whether a device has proved itself. */
export function works(devices: Findings['devices'], device: string): boolean {
  return devices.some((check) => check.device === device && check.works);
}

function lacksCuda({ devices }: Findings): boolean {
  return existsSync('/proc/driver/nvidia/version') && !works(devices, 'cuda');
}
