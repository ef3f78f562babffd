// Which modules of a network LoRAs change, and whether the changes have the shapes of its weights.

import { NigaoeError } from '../../errors.js';
import { isExternal } from '../onnx/external.js';
import type { OnnxModel } from '../onnx/file.js';
import { isFitting, type LoraModule, loraShape } from './delta.js';
import { type ModuleWeight, modulesOf } from './modules.js';

/** Changes for one network, and how much of them: 1 as trained, negative to take them back. */
export interface LoraUse {
  /** For messages. */
  name: string;
  modules: ReadonlyMap<string, LoraModule>;
  strength: number;
}

export interface LoraFit {
  /** Modules that are changed, by their flat paths. */
  changed: [name: string, module: ModuleWeight][];
  /** Modules that the network does not have, or whose weight cannot be changed for them alone: `name: module`. */
  unmatched: string[];
}

/** Misfits that are named one by one. */
const FEW = 3;

/**
 * Looks the modules up in a graph, whose weights need no numbers; `source` names it. Throws `model-unsupported` where nothing
 * matches at all, or with all changes that have other shapes than their weights.
 */
export function fitLoras(model: OnnxModel, uses: readonly LoraUse[], source: string): LoraFit {
  const modules = modulesOf(model);
  const wanted = uses.flatMap(({ name, modules: all }) =>
    [...all].map(([module, change]) => ({ use: name, module, change })),
  );
  const found = wanted.filter(({ module }) => isUsable(modules.get(module)));
  if (wanted.length > 0 && found.length === 0) throw nothingMatches(source, uses, modules.size);
  const misfits = found.flatMap(({ use, module, change }) => {
    const [dims, shape] = [plainDims(modules.get(module) as ModuleWeight), loraShape(change, module)];
    return isFitting(shape, dims)
      ? []
      : [`${module} of ${use} is [${shape.join(', ')}] for [${dims.join(', ')}]`];
  });
  if (misfits.length > 0) throw otherShapes(source, misfits, found.length);
  const names = new Set(found.map(({ module }) => module));
  return {
    changed: [...modules].filter(([name]) => names.has(name)),
    unmatched: wanted
      .filter(({ module }) => !names.has(module))
      .map(({ use, module }) => `${use}: ${module}`),
  };
}

/** [out, in, ...], however the weight lies in the graph. */
export const plainDims = ({ weight, isTurned }: ModuleWeight): number[] =>
  isTurned ? [...weight.dims].reverse() : weight.dims;

const isUsable = (module: ModuleWeight | undefined): boolean =>
  module !== undefined &&
  !module.isShared &&
  (isExternal(module.weight) || module.weight.rawData !== undefined);

function nothingMatches(source: string, uses: readonly LoraUse[], modules: number): NigaoeError {
  const names = uses.map(({ name }) => name).join(' and ');
  return new NigaoeError(
    'model-unsupported',
    `Expected modules of ${names} in ${source} but none of its ${modules} has such a name`,
    {
      hint: 'The network was fused, quantised or exported without names: export it with diffusers or optimum.',
    },
  );
}

function otherShapes(source: string, misfits: readonly string[], changes: number): NigaoeError {
  const more = misfits.length > FEW ? `, and ${misfits.length - FEW} more` : '';
  return new NigaoeError(
    'model-unsupported',
    `Expected changes of the shapes of ${source} but ${misfits.length} of ${changes} have others: ${misfits.slice(0, FEW).join(', ')}${more}`,
    {
      hint: 'The LoRA was made for another base model: Stable Diffusion 1, 2 and XL take LoRAs of their own.',
    },
  );
}
