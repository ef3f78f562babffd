// Networks that people are likely to try and that nigaoe cannot use: they are refused by name.

import type { Shapes } from './architecture.js';

interface Stranger {
  /** Some key that matches gives it away; `dims` decides where the key alone does not. */
  key: RegExp;
  dims?: (dims: readonly number[]) => boolean;
  /** End of the sentence "it looks like ...". */
  what: string;
  /** What to do, where exporting it to ONNX would not help. */
  hint?: string;
}

const STRANGERS: readonly Stranger[] = [
  { key: /(^|\.)model\.model\.\d/, what: 'the U-Net generator of pix2pix' },
  {
    key: /(^|\.)(model|features)\.0\.weight$/,
    dims: ([, , height, width]) => height === 4 && width === 4,
    what: 'a PatchGAN discriminator, which judges pictures and draws none',
    hint: 'Take the generator that was trained with it: its file is often named net_G.',
  },
  { key: /(^|\.)model\.\d+\.filt$/, what: 'the generator of contrastive unpaired translation (CUT)' },
  {
    key: /(lora_(up|down|A|B)\b|:(up|down)$)/,
    what: 'a LoRA, which changes another network',
    hint: 'It draws nothing by itself: it belongs to the diffusion model that it was trained for, which is no style.',
  },
  { key: /(^|\.)(diffusion_model|down_blocks|up_blocks)\./, what: 'a diffusion model' },
  { key: /(^|\.)(synthesis|mapping|style)\.\w+/, what: 'a StyleGAN, which draws from noise' },
];

/** What the tensors look like, in words; undefined where nothing comes to mind. */
export function strangerIn(shapes: Shapes): Pick<Stranger, 'what' | 'hint'> | undefined {
  const entries = [...shapes];
  return STRANGERS.find(({ key, dims }) =>
    entries.some(([name, found]) => key.test(name) && (dims?.(found) ?? true)),
  );
}
