// `npm run setup:cuda`: fetches the CUDA provider of onnxruntime-node (Linux x64), which `npm ci` leaves out on purpose
// (hundreds of megabytes that only machines with an NVIDIA card need), and says what the machine itself still lacks.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const provider = 'libonnxruntime_providers_cuda.so';
/** Who brings the libraries that the provider loads: the start of a library's name -> what to install. */
const makers = [
  ['libcudnn', 'cuDNN 9 for CUDA 12: https://developer.nvidia.com/cudnn'],
  ['libcuda.so', 'the NVIDIA driver, version 525 or newer: https://www.nvidia.com/drivers'],
  ['libcu', 'the CUDA 12 runtime: https://developer.nvidia.com/cuda-toolkit'],
  ['libnv', 'the CUDA 12 runtime: https://developer.nvidia.com/cuda-toolkit'],
];

/** Tells the user why CUDA is not ready, and ends with a failure. */
function stop(...lines) {
  console.error(lines.join('\n'));
  process.exit(1);
}

function checkPlatform() {
  const here = `${process.platform} ${process.arch}`;
  if (here === 'linux x64') return;
  const instead = { win32: 'Use --device dml, which is already installed.', darwin: 'Use --device coreml.' };
  stop(
    `Expected linux x64 for the CUDA provider but this machine is ${here}: onnxruntime-node has no CUDA here.`,
    instead[process.platform] ?? 'Use --device cpu.',
  );
}

function checkNetworkAllowed() {
  if (process.env.NIGAOE_OFFLINE !== '1') return;
  stop(
    'NIGAOE_OFFLINE=1 forbids the network, and the CUDA provider has to be downloaded: unset it and run again.',
  );
}

function findRuntime() {
  try {
    return dirname(require.resolve('onnxruntime-node/package.json'));
  } catch {
    return stop('onnxruntime-node is not installed: run `npm ci` first.');
  }
}

/** Runs onnxruntime-node's own install script; false with its reason printed when the download failed. */
function download(runtime) {
  const proxy = process.env.HTTPS_PROXY ?? process.env.https_proxy;
  const env = {
    ...process.env,
    // `true` rather than `cuda12`: release 1.30 takes every other word for "not asked" and then does nothing under npm.
    ONNXRUNTIME_NODE_INSTALL: 'true',
    // The script listens to this variable only.
    ...(proxy === undefined
      ? {}
      : { GLOBAL_AGENT_HTTPS_PROXY: process.env.GLOBAL_AGENT_HTTPS_PROXY ?? proxy }),
  };
  const script = join(runtime, 'script', 'install.js');
  const { status, stderr } = spawnSync(process.execPath, [script], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  return { done: status === 0, reason: /^(?:\w*Error: )(.+)$/m.exec(stderr)?.[1] ?? stderr.trim() };
}

/** The libraries that the provider needs and the machine lacks, by `ldd`, which obeys LD_LIBRARY_PATH as the loader does. */
function missingLibraries(file) {
  const { stdout } = spawnSync('ldd', [file], { encoding: 'utf8' });
  if (stdout === null) return undefined;
  const names = [...stdout.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1]);
  return names.filter((name) => !name.startsWith('libonnxruntime'));
}

function makerOf(library) {
  return makers.find(([start]) => library.startsWith(start))?.[1] ?? 'your distribution';
}

function reportMachine(file) {
  const missing = missingLibraries(file);
  if (missing === undefined) {
    console.log('The CUDA provider is installed. It needs the NVIDIA driver, CUDA 12 and cuDNN 9.');
  } else if (missing.length > 0) {
    stop(
      'The CUDA provider is installed, but this machine lacks libraries that it loads:',
      ...missing.map((library) => `  ${library}  from ${makerOf(library)}`),
      'If they are installed, name their folder in LD_LIBRARY_PATH, then run `npm run setup:cuda` again.',
    );
  } else if (!existsSync('/proc/driver/nvidia/version') && !existsSync('/dev/dxg')) {
    stop('The CUDA provider and its libraries are here, but no NVIDIA driver is loaded: is there a card?');
  } else {
    console.log('CUDA is ready. Try it: npx nigaoe doctor');
  }
}

function main() {
  checkPlatform();
  checkNetworkAllowed();
  const runtime = findRuntime();
  const file = join(runtime, 'bin', 'napi-v6', 'linux', 'x64', provider);
  if (existsSync(file)) return reportMachine(file);
  console.log(
    'Fetching the CUDA 12 provider of onnxruntime-node from api.nuget.org (hundreds of megabytes) ...',
  );
  const { done, reason } = download(runtime);
  if (done && existsSync(file)) return reportMachine(file);
  stop(
    `The CUDA provider could not be fetched: ${reason || `the download ended without ${provider}`}.`,
    'It comes from https://api.nuget.org (package Microsoft.ML.OnnxRuntime.Gpu.Linux). Check the connection; behind',
    'a proxy set HTTPS_PROXY, then run `npm run setup:cuda` again. It also needs CUDA 12 and cuDNN 9 on this machine.',
    'Until then nigaoe runs on the CPU.',
  );
}

main();
