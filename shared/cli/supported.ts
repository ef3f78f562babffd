// Whether nigaoe can run here at all. Imports nothing of nigaoe, so that it also answers where the rest cannot be loaded.

/** What matters of the system. */
interface System {
  /** Version of Node.js: `20.19.0`. */
  node: string;
  /** Linux with the C library musl instead of glibc. */
  musl: boolean;
}

/** Oldest Node.js that works; the same as `engines` in package.json. */
const OLDEST_NODE = '20.19.0';

/** One sentence that says why nigaoe cannot run here and what to do about it, or undefined. */
export function whyUnsupported(system: System = thisSystem()): string | undefined {
  if (isOlder(system.node, OLDEST_NODE))
    return `Expected Node.js ${OLDEST_NODE} or newer but this is ${system.node}; install a current one from https://nodejs.org`;
  if (system.musl)
    return (
      'Expected Linux with glibc but this one has musl (Alpine), for which there is no onnxruntime-node; ' +
      'use a Debian, Ubuntu or Fedora system or container, such as node:22-slim'
    );
  return undefined;
}

function thisSystem(): System {
  const { node } = process.versions;
  // Older versions are refused anyway, and their report may ask the network.
  return { node, musl: process.platform === 'linux' && !isOlder(node, OLDEST_NODE) && hasMusl() };
}

function hasMusl(): boolean {
  // Reports ask the network for the names of connections unless told not to. @types/node 20 does not know the switch.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header !== undefined && header.glibcVersionRuntime === undefined;
}

function isOlder(version: string, oldest: string): boolean {
  const [have, need] = [version, oldest].map((text) => text.split('.').map(Number));
  const differs = need.findIndex((part, index) => part !== have[index]);
  return differs >= 0 && have[differs] < need[differs];
}
