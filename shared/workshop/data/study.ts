// Pictures as Stable Diffusion's network learns from them: latents of its encoder, and the words of its text encoder.

import { throwIfCancelled } from '../../errors.js';
import { checkEncoder } from '../../generators/diffusion/check.js';
import type { DiffusionFolder } from '../../generators/diffusion/folder.js';
import { Networks, type NetworksOptions } from '../../generators/diffusion/networks.js';
import { encodePrompt } from '../../generators/diffusion/text/encoder.js';
import { openTokenizer } from '../../generators/diffusion/text/tokenizer.js';
import { encodePixels } from '../../generators/diffusion/vae.js';
import { tensor } from '../../tensor.js';
import type { Pictures } from './pictures.js';

export interface StudyOptions extends Pick<NetworksOptions, 'device' | 'requireDevice'> {
  /** What pictures show that do not say it themselves. */
  prompt: string;
  signal?: AbortSignal | undefined;
  onNotice?: ((sentence: string) => void) | undefined;
}

export interface Study {
  /** Shape of the words of one picture. */
  readonly wordDims: readonly number[];
  /** Latents `[4,h,w]` instead of pixels, with the words of each. All are encoded at once, and kept. */
  prepared(pictures: Pictures): Promise<Pictures>;
  close(): Promise<void>;
}

export async function openStudy(folder: DiffusionFolder, options: StudyOptions): Promise<Study> {
  checkEncoder(folder);
  const { prompt, signal, onNotice, ...opening } = options;
  const networks = new Networks(folder, opening);
  const tokenizer = await openTokenizer(`${folder.root}/tokenizer`);
  const heard = new Map<string, Float32Array>();
  const hear = async (text: string) => {
    const { dims, data } = await encodePrompt(text, { networks, tokenizer, onNotice });
    heard.set(text, data);
    return dims.slice(1);
  };
  const wordDims = await hear(prompt);
  const captionOf = ({ captions }: Pictures, index: number) => captions?.[index] ?? prompt;

  async function prepared(pictures: Pictures): Promise<Pictures> {
    const texts = new Set(Array.from({ length: pictures.count }, (_, at) => captionOf(pictures, at)));
    for (const text of texts) if (!heard.has(text)) await hear(text);
    onNotice?.(`Encoding ${pictures.count} pictures`);
    const latents: Float32Array[] = [];
    let dims = pictures.dims;
    for (let at = 0; at < pictures.count; at++) {
      throwIfCancelled(signal);
      const pixels = tensor([1, ...pictures.dims], await pictures.read(at));
      const encoded = await encodePixels(pixels, networks, { scalingFactor: folder.scalingFactor, onNotice });
      latents.push(encoded.data);
      dims = encoded.dims.slice(1) as unknown as Pictures['dims'];
    }
    return {
      count: pictures.count,
      dims,
      read: (index) => latents[index],
      words: (index) => heard.get(captionOf(pictures, index)) as Float32Array,
    };
  }
  return { wordDims, prepared, close: () => networks.close() };
}
