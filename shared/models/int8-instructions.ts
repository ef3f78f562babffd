// Whether this processor multiplies bytes and adds up the products in one step: what networks in int8 gain most by.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface Int8Instructions {
  /** `AVX-512 VNNI`, `AVX2 without VNNI`, `unknown`. */
  name: string;
  /** Undefined where the system does not tell. */
  isFast: boolean | undefined;
}

/** Words that a system has for what a processor can, the best first. */
const KNOWN: readonly (readonly [word: string, name: string, isFast: boolean])[] = [
  ['avx512_vnni', 'AVX-512 VNNI', true],
  ['avx512vnni', 'AVX-512 VNNI', true],
  ['avx_vnni', 'AVX VNNI', true],
  ['i8mm', 'products of int8 matrices', true],
  ['asimddp', 'int8 dot products', true],
  ['avx2', 'AVX2 without VNNI', false],
  ['asimd', 'NEON without dot products', false],
];

const UNKNOWN: Int8Instructions = { name: 'unknown', isFast: undefined };

/** What a list of a processor's features says, as /proc/cpuinfo has it. */
export function int8InstructionsIn(features: string): Int8Instructions {
  const words = new Set(features.toLowerCase().split(/\s+/));
  const found = KNOWN.find(([word]) => words.has(word));
  return found ? { name: found[1], isFast: found[2] } : UNKNOWN;
}

/** Asks Linux or macOS; elsewhere nothing is known. */
export async function findInt8Instructions(): Promise<Int8Instructions> {
  const ask = ASKING[process.platform];
  const features = await ask?.().catch(() => undefined);
  return features === undefined ? UNKNOWN : int8InstructionsIn(features);
}

const ASKING: Partial<Record<NodeJS.Platform, () => Promise<string>>> = {
  async linux() {
    const text = await readFile('/proc/cpuinfo', 'utf8');
    // x86 says flags, ARM says Features; every core says it again.
    return /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1] ?? '';
  },
  async darwin() {
    const { stdout } = await promisify(execFile)('sysctl', ['hw.optional', 'machdep.cpu']);
    const hasDotProducts = /FEAT_DotProd: 1/.test(stdout) ? ' asimddp' : '';
    return `${/leaf7_features: (.*)/.exec(stdout)?.[1] ?? ''}${hasDotProducts}`;
  },
};
