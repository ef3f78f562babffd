// Pictures as Stable Diffusion's network learns from them: latents of its encoder, and the words of its text encoder.

import { throwIfCancelled } from '../../errors.js';
import { checkEncoder } from '../../generators/diffusion/check.js';
import type { DiffusionFolder } from '../../generators/diffusion/folder.js';
import { Networks, type NetworksOptions } from '../../generators/diffusion/networks.js';
import { encodePrompt } from '../../generators/diffusion/text/encoder.js';
import { openTokenizer } from '../../generators/diffusion/text/tokenizer.js';
import { encodePixels } from '../../generators/diffusion/vae.js';
import { tensor } from '../../tensor.js';
import type { Pictures } from '../data/pictures.js';

export interface StudyOptions extends Pick<NetworksOptions, 'device' | 'requireDevice'> {
  /** What pictures show that do not say it themselves. */
  prompt: string;
  signal?: AbortSignal | undefined;
  onNotice?: ((sentence: string) => void) | undefined;
}

/** The encoders of a folder, open. */
export interface Study {
  /** Shape of the words of one picture. */
  readonly wordDims: readonly number[];
  /** Latents `[4,h,w]` instead of pixels, with the words of each. All are encoded at once, and kept. */
  prepared(pictures: Pictures): Promise<Pictures>;
  close(): Promise<void>;
}

/** Throws `model-missing` for a folder without an encoder, and what hearing the prompt throws. */
export async function openStudy(folder: DiffusionFolder, options: StudyOptions): Promise<Study> {
  checkEncoder(folder, 'learning from pictures');
  const { device, requireDevice } = options;
  const networks = new Networks(folder, { device, requireDevice });
  try {
    const words = await openWords(folder, networks, options);
    return {
      wordDims: words.dims,
      prepared: (pictures) => prepare(pictures, { folder, networks, words, options }),
      close: () => networks.close(),
    };
  } catch (error) {
    await networks.close();
    throw error;
  }
}

/** Texts as the network hears them, each heard once. */
interface Words {
  readonly dims: readonly number[];
  hear(text: string): Promise<Float32Array>;
}

async function openWords(
  folder: DiffusionFolder,
  networks: Networks,
  { prompt, onNotice }: StudyOptions,
): Promise<Words> {
  const tokenizer = await openTokenizer(`${folder.root}/tokenizer`, folder.tokenRows);
  const heard = new Map<string, Float32Array>();
  const first = await encodePrompt(prompt, { networks, tokenizer, onNotice });
  heard.set(prompt, first.data);
  return {
    dims: first.dims.slice(1),
    async hear(text) {
      const known = heard.get(text) ?? (await encodePrompt(text, { networks, tokenizer, onNotice })).data;
      heard.set(text, known);
      return known;
    },
  };
}

interface Means {
  folder: DiffusionFolder;
  networks: Networks;
  words: Words;
  options: StudyOptions;
}

async function prepare(pictures: Pictures, { folder, networks, words, options }: Means): Promise<Pictures> {
  const { prompt, signal, onNotice } = options;
  const captions = Array.from({ length: pictures.count }, (_, at) => pictures.captions?.[at] ?? prompt);
  if (captions.every((caption) => caption === ''))
    onNotice?.(
      'Neither --prompt nor text files beside the pictures say what they show: they are learned from without words',
    );
  const said: Float32Array[] = [];
  for (const caption of captions) said.push(await words.hear(caption));
  onNotice?.(`Encoding ${pictures.count} pictures`);
  const latents: Float32Array[] = [];
  let { dims } = pictures;
  for (let at = 0; at < pictures.count; at++) {
    throwIfCancelled(signal);
    const pixels = tensor([1, ...pictures.dims], await pictures.read(at));
    const encoded = await encodePixels(pixels, networks, { scalingFactor: folder.scalingFactor, onNotice });
    latents.push(encoded.data);
    dims = encoded.dims.slice(1) as unknown as Pictures['dims'];
  }
  return { count: pictures.count, dims, read: (index) => latents[index], words: (index) => said[index] };
}
