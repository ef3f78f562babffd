// Files that people take for checkpoints: what each is, told by its bytes, and what to do with it.

import { extname } from 'node:path';
import { type FailureCode, NigaoeError } from '../../errors.js';

/** The ends of a file, and its name. */
export interface Glimpse {
  name: string;
  /** In bytes. */
  size: number;
  head: Uint8Array;
  /** The last bytes, or all of them where there are fewer. */
  tail: Uint8Array;
}
/** Bytes of `Glimpse.tail`. */
export const TAIL_BYTES = 8;

interface ForeignFormat {
  /** Completes "Expected a checkpoint in x but it is". */
  is: string;
  code: FailureCode;
  hint: string;
  /** `text` is the head, a character per byte. */
  matches(text: string, glimpse: Glimpse): boolean;
}

const TO_ONNX = 'Turn it into an .onnx file where it was made (tf2onnx does so), and take that.';
const TO_SAFETENSORS = 'Save the weights as .safetensors or with torch.save, and take that file.';
const UNPACK = 'Unpack it, and take the checkpoint that is in it.';
const AGAIN = 'Download the file again.';

const beginsWith =
  (...beginnings: readonly string[]) =>
  (text: string): boolean =>
    beginnings.some((beginning) => text.startsWith(beginning));

/** Told by bytes that no checkpoint begins or ends with. */
const UNMISTAKABLE: readonly ForeignFormat[] = [
  {
    is: 'empty',
    code: 'model-corrupt',
    hint: AGAIN,
    matches: (_, { size }) => size === 0,
  },
  {
    is: 'a web page',
    code: 'model-corrupt',
    hint: 'The download brought the page about the file: take the link of the file itself (on GitHub "Download raw file"), and sign in where the site asks for it.',
    matches: (text) => /^(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|!--|\?xml)/i.test(text),
  },
  {
    is: 'a git-LFS pointer, which names the file but is not it',
    code: 'model-corrupt',
    hint: 'Run `git lfs pull` in that repository, or download the file from its page.',
    matches: beginsWith('version https://git-lfs.github.com/'),
  },
  {
    is: 'an HDF5 file, such as Keras writes (.h5)',
    code: 'model-unsupported',
    hint: TO_ONNX,
    matches: beginsWith('\x89HDF\r\n\x1a\n'),
  },
  {
    is: 'a Keras archive (.keras)',
    code: 'model-unsupported',
    hint: TO_ONNX,
    matches: (text) => /^(config|metadata)\.json$|\.weights\.h5$/.test(firstZipEntry(text)),
  },
  {
    is: 'a NumPy file (.npy, .npz)',
    code: 'model-unsupported',
    hint: TO_SAFETENSORS,
    matches: (text) => text.startsWith('\x93NUMPY') || firstZipEntry(text).endsWith('.npy'),
  },
  {
    is: 'a GGUF or GGML file, made for language models',
    code: 'model-unsupported',
    hint: TO_SAFETENSORS,
    matches: beginsWith('GGUF', 'lmgg', 'fmgg', 'tjgg'),
  },
  {
    is: 'a TensorFlow Lite model',
    code: 'model-unsupported',
    hint: TO_ONNX,
    matches: (text) => text.slice(4, 8) === 'TFL3',
  },
  {
    is: 'a TensorFlow checkpoint',
    code: 'model-unsupported',
    hint: TO_ONNX,
    matches: (_, { tail }) => isLevelDbTable(tail),
  },
  {
    is: 'a MindSpore checkpoint that is encrypted',
    code: 'model-unsupported',
    hint: 'Load it in MindSpore with its key, and save it without enc_key.',
    matches: beginsWith('\xd8^:\x7f', '\xd9^:\x7f', '\xda^:\x7f'),
  },
  {
    is: 'a packed archive',
    code: 'model-unsupported',
    hint: UNPACK,
    // gzip, bzip2, 7z, rar, xz, zstd.
    matches: beginsWith('\x1f\x8b', 'BZh', '7z\xbc\xaf', 'Rar!', '\xfd7zXZ', '(\xb5/\xfd'),
  },
  {
    is: 'a tar archive, a packed folder or a checkpoint of PyTorch before 0.2',
    code: 'model-unsupported',
    hint: 'Unpack it and take the checkpoint that is in it, or load and save it again with a newer PyTorch.',
    matches: (text) => text.slice(257, 262) === 'ustar',
  },
];

/** Told by bytes that a checkpoint could begin with: asked only when it is none. */
const PROBABLE: readonly ForeignFormat[] = [
  {
    is: 'part of a TensorFlow checkpoint',
    code: 'model-unsupported',
    hint: TO_ONNX,
    matches: (_, { name }) => /\.(data-\d+-of-\d+|meta)$/.test(name),
  },
  {
    is: 'a Core ML model',
    code: 'model-unsupported',
    hint: 'Turn the network into an .onnx file where it was made, and take that.',
    matches: (text, { name }) => text.startsWith('\x08') && extname(name).toLowerCase() === '.mlmodel',
  },
  {
    is: 'a TensorFlow graph (.pb)',
    code: 'model-unsupported',
    hint: TO_ONNX,
    matches: (_, { name }) => extname(name).toLowerCase() === '.pb',
  },
  {
    is: 'an ONNX model',
    code: 'model-unsupported',
    hint: 'Nothing has to be read from it: give the file the ending .onnx, and use it as a style.',
    // A version, then the name of the producer or another text, or the graph.
    matches: (text) => text.startsWith('\x08') && '\x12\x1a":B'.includes(text.charAt(2)),
  },
  {
    is: 'a JSON text',
    code: 'model-unsupported',
    hint: 'It only lists what the weights are: take the file of the weights itself; of a manifest.json, name its folder.',
    matches: (text) => /^(\xef\xbb\xbf)?\s*[{[]\s*["{[\]}]/.test(text),
  },
];

/** The failure for a file that is surely something else; undefined for what may be a checkpoint. */
export const foreignFormat = (glimpse: Glimpse): NigaoeError | undefined => firstOf(UNMISTAKABLE, glimpse);

/** The failure for a file that no reader takes. */
export function unknownFormat(glimpse: Glimpse): NigaoeError {
  return firstOf(PROBABLE, glimpse) ?? shortText(glimpse) ?? unknown(glimpse);
}

function firstOf(formats: readonly ForeignFormat[], glimpse: Glimpse): NigaoeError | undefined {
  const text = latin1(glimpse.head);
  const found = formats.find(({ matches }) => matches(text, glimpse));
  return found && refusal(glimpse, found);
}

const refusal = ({ name }: Glimpse, { is, code, hint }: Omit<ForeignFormat, 'matches'>): NigaoeError =>
  new NigaoeError(code, `Expected a checkpoint in ${name} but it is ${is}`, { hint });

/** What a server says in place of the file. */
function shortText(glimpse: Glimpse): NigaoeError | undefined {
  const text = latin1(glimpse.head).trim();
  if (glimpse.size > MOST_TEXT_BYTES || !/^[\t\r\n\x20-\x7e]+$/.test(text)) return undefined;
  const first = text.split(/[\r\n]/)[0].slice(0, SHOWN_CHARACTERS);
  const is = `a text: ${JSON.stringify(first)}`;
  return refusal(glimpse, { is, code: 'model-corrupt', hint: AGAIN });
}
const MOST_TEXT_BYTES = 1000;
const SHOWN_CHARACTERS = 80;

const unknown = (glimpse: Glimpse): NigaoeError =>
  refusal(glimpse, {
    is: 'of a format that nigaoe does not know',
    code: 'model-unsupported',
    hint: 'nigaoe reads PyTorch (.pt, .pth), .safetensors, MindSpore (.ckpt), .onnx, and folders of raw float32 variables. If it should be one of them, download it again.',
  });

/** The name of the first file in a zip archive, or nothing (source: PKWARE's APPNOTE, section 4.3.7). */
function firstZipEntry(text: string): string {
  if (!text.startsWith('PK\x03\x04')) return '';
  const nameBytes = text.charCodeAt(26) + 256 * text.charCodeAt(27);
  return text.slice(30, 30 + nameBytes);
}

/** The format of TensorFlow's index files and of its first checkpoints (source: LevelDB's table_format.md). */
const isLevelDbTable = (tail: Uint8Array): boolean =>
  Buffer.from(tail).toString('hex') === '57fb808b247547db';

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
