// Whether onnxruntime can run a model, told from its outline: minutes before a large one would be opened.

import { createRequire } from 'node:module';
import { NigaoeError } from '../errors.js';
import { GraphBuilder } from './onnx/builder.js';
import { graphsOf, type OnnxModel, writeOnnx } from './onnx/file.js';
import { openSession } from './session.js';

/** What a model is called in messages. */
interface Named {
  /** `unet of sd-1.5/` */
  part: string;
  file: string;
}

/** Domains whose operators onnxruntime has kernels for. */
const OWN_DOMAINS: ReadonlySet<string> = new Set([
  ...['', 'ai.onnx', 'ai.onnx.ml', 'ai.onnx.preview', 'ai.onnx.preview.training', 'ai.onnx.training'],
  ...['com.microsoft', 'com.microsoft.experimental', 'com.microsoft.nchwc', 'com.ms.internal.nhwc'],
]);

const { version: ONNXRUNTIME } = createRequire(import.meta.url)('onnxruntime-node/package.json') as {
  version: string;
};

/** Throws `model-unsupported` for a version of ONNX that is too new, and for operators that onnxruntime does not have. */
export async function checkRunnable(model: OnnxModel, { part, file }: Named): Promise<void> {
  const foreign = foreignOperator(model);
  if (foreign !== undefined)
    throw new NigaoeError(
      'model-unsupported',
      `Expected operators of ONNX for ${part} but ${file} has ${foreign}, which onnxruntime ${ONNXRUNTIME} does not know`,
      { hint: 'It was made for another program: export it with diffusers or optimum.' },
    );
  const strange = await strangeStamp(model);
  if (strange !== undefined)
    throw new NigaoeError(
      'model-unsupported',
      `Expected a version of ONNX that onnxruntime ${ONNXRUNTIME} knows for ${part} but ${file} has ${strange}`,
      { hint: 'Export it anew with a lower opset, 17 for example, or take a newer nigaoe.' },
    );
}

/**
 * `FusedConv of com.example, version 1`: the first operator of a domain that is not onnxruntime's, and that the file
 * does not bring.
 */
function foreignOperator({ graph, functions = [], opsetImport }: OnnxModel): string | undefined {
  const brought = new Set(functions.map(({ domain = '', name }) => `${domain}:${name}`));
  const nodes = [...graphsOf(graph), ...functions].flatMap(({ node }) => node);
  const found = nodes.find(
    ({ domain = '', opType }) => !OWN_DOMAINS.has(domain) && !brought.has(`${domain}:${opType}`),
  );
  if (found === undefined) return undefined;
  const version = opsetImport.find(({ domain }) => domain === found.domain)?.version;
  return `${found.opType} of ${found.domain}${version === undefined ? '' : `, version ${version}`}`;
}

/** `opset 40`: what of the versions that a model is stamped with onnxruntime refuses in a model of one step. */
async function strangeStamp({ irVersion, opsetImport }: OnnxModel): Promise<string | undefined> {
  const plain = { irVersion: probe.irVersion, opsetImport: probe.opsetImport };
  if (await isTaken({ irVersion, opsetImport: withOwn(opsetImport) })) return undefined;
  if (!(await isTaken({ ...plain, irVersion }))) return `IR version ${irVersion}`;
  for (const stamp of opsetImport)
    if (!(await isTaken({ ...plain, opsetImport: withOwn([stamp]) }))) return stampWords(stamp);
  return undefined;
}

type Stamps = Pick<OnnxModel, 'irVersion' | 'opsetImport'>;
type Stamp = OnnxModel['opsetImport'][number];

const stampWords = ({ domain = '', version }: Stamp): string =>
  domain === '' || domain === 'ai.onnx' ? `opset ${version}` : `version ${version} of ${domain}`;

const probe = ((): OnnxModel => {
  const graph = new GraphBuilder('probe');
  graph.output('y', graph.input('x', [1]), [1]);
  return graph.model();
})();

/** The stamps with one for ONNX's own operators among them. */
const withOwn = (stamps: readonly Stamp[]): Stamp[] =>
  stamps.some(({ domain = '' }) => domain === '' || domain === 'ai.onnx')
    ? [...stamps]
    : [...stamps, ...probe.opsetImport];

/** Files of one export have the same stamps. */
const known = new Map<string, Promise<boolean>>();

function isTaken(stamps: Stamps): Promise<boolean> {
  const key = JSON.stringify(stamps);
  const answer = known.get(key) ?? tried(stamps);
  known.set(key, answer);
  return answer;
}

async function tried(stamps: Stamps): Promise<boolean> {
  const bytes = writeOnnx({ ...probe, ...stamps });
  return openSession(bytes, { name: 'a probe', device: 'cpu' }).then(
    async (session) => {
      await session.close();
      return true;
    },
    () => false,
  );
}
