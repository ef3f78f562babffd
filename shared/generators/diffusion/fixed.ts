// What exporters fixed in the networks of a folder: sizes that others leave open.

import { expected, NigaoeError } from '../../errors.js';
import { inputsOf } from '../../models/imports/ports.js';
import type { OnnxModel, ValueInfo } from '../../models/onnx/file.js';
import { PIXELS_A_LATENT } from './latents.js';

/** Sides of pictures where a folder draws no others. */
export interface FixedSides {
  readonly widthPx?: number | undefined;
  readonly heightPx?: number | undefined;
}

/** Networks whose input has the size of the picture, or of its latents. */
const SIZED = { unet: PIXELS_A_LATENT, vae_decoder: PIXELS_A_LATENT, vae_encoder: 1 } as const;
type Outlines = Readonly<Partial<Record<keyof typeof SIZED, OnnxModel>>>;

/** `[N,C,H,W]` of what a network takes, as far as it is fixed. */
export function takenDims({ graph }: OnnxModel): (number | undefined)[] {
  const inputs = inputsOf(graph);
  return dimsOf(inputs.find(({ name }) => name === 'sample') ?? inputs[0]);
}

const dimsOf = (port: ValueInfo | undefined): (number | undefined)[] =>
  (port?.type?.tensorType?.shape?.dim ?? []).map(({ dimValue = 0 }) => (dimValue > 0 ? dimValue : undefined));

/** The sides that the networks are fixed to. Throws `model-unsupported` where they do not fit together. */
export function fixedSides(root: string, outlines: Outlines): FixedSides {
  const sideOf = (axis: number): number | undefined => {
    const found = (Object.keys(SIZED) as (keyof typeof SIZED)[]).flatMap((name) => {
      const outline = outlines[name];
      const side = outline && takenDims(outline)[axis];
      return side === undefined ? [] : [{ name, px: side * SIZED[name] }];
    });
    const other = found.find(({ px }) => px !== found[0].px);
    if (other !== undefined) throw unequal(root, found[0], other);
    return found[0]?.px;
  };
  return { heightPx: sideOf(2), widthPx: sideOf(3) };
}

interface Sized {
  name: string;
  px: number;
}

const unequal = (root: string, one: Sized, other: Sized): NigaoeError =>
  new NigaoeError(
    'model-unsupported',
    `Expected networks of one size in ${root} but ${one.name} draws ${one.px} px and ${other.name} ${other.px} px`,
    { hint: 'Export them together, with sizes left open.' },
  );

/** `512 x 512 px`, for people. */
export const sidesWords = ({ widthPx, heightPx }: FixedSides): string =>
  `${widthPx ?? 'any'} x ${heightPx ?? 'any'} px`;

/** Whether a folder draws any size. */
export const isOpen = ({ widthPx, heightPx }: FixedSides): boolean =>
  widthPx === undefined && heightPx === undefined;

/** Throws `options` for sides that are no multiples of 8, or others than the folder draws; sides left out are fine. */
export function checkSides(
  { widthPx, heightPx }: FixedSides,
  { root, fixed }: { root: string; fixed: FixedSides },
): void {
  const isOff = (side = 0) => side % PIXELS_A_LATENT !== 0;
  const received = `${widthPx ?? fixed.widthPx ?? 'any'} x ${heightPx ?? fixed.heightPx ?? 'any'}`;
  if (isOff(widthPx) || isOff(heightPx))
    throw expected(`sides that are multiples of ${PIXELS_A_LATENT}`, 'the picture', received);
  const isOther = (side: number | undefined, only: number | undefined) =>
    side !== undefined && only !== undefined && side !== only;
  if (isOther(widthPx, fixed.widthPx) || isOther(heightPx, fixed.heightPx))
    throw expected(
      `${sidesWords(fixed)}, as ${root} draws nothing else,`,
      'the picture',
      received,
      'Its networks were exported for that size: leave the size out, or export them with sizes left open.',
    );
}
