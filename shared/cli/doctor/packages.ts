// Versions of the native packages, read without loading them; and whether they can be loaded.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { asFailure } from '../../errors.js';

/** A package that brings native code. */
export interface PackageCheck {
  version?: string;
  works: boolean;
  reason?: string;
}

/** The version in the package's own package.json, or undefined where it is not installed. */
export function versionOf(name: string): string | undefined {
  const { resolve } = createRequire(import.meta.url);
  try {
    return versionAbove(dirname(resolve(name)), name);
  } catch {
    return undefined;
  }
}

/** Whether sharp can be loaded: its binary is a package of its own, which some installations leave out. */
export async function checkSharp(): Promise<PackageCheck> {
  return check('sharp', () => import('../../photo/codec.js'));
}

/** Which face networks `auto` takes, by opening them. */
export async function checkFaceNetworks(): Promise<{
  detector?: string;
  landmarker?: string;
  reason?: string;
}> {
  try {
    const { openFaceFinder } = await import('../../faces/finder.js');
    const { detector, landmarker, close } = await openFaceFinder();
    await close();
    return { detector, landmarker };
  } catch (error) {
    return { reason: firstLine(error) };
  }
}

async function check(name: string, load: () => Promise<unknown>): Promise<PackageCheck> {
  const version = versionOf(name);
  try {
    await load();
    return { version, works: true };
  } catch (error) {
    return { version, works: false, reason: firstLine(error) };
  }
}

// Packages may forbid to import their package.json, so it is looked for on the disk.
function versionAbove(folder: string, name: string): string | undefined {
  try {
    const found = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
    if (found.name === name) return String(found.version);
  } catch {
    // Most folders have none.
  }
  return folder === dirname(folder) ? undefined : versionAbove(dirname(folder), name);
}

function firstLine(error: unknown): string {
  return (
    asFailure(error)
      .message.replace(/^internal: /, '')
      .split('\n')
      .find((line) => line.trim() !== '') ?? ''
  );
}
