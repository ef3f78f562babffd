// The inputs and outputs of an ONNX graph as its file declares them.

import { DATA_TYPE, type Graph, type ValueInfo } from '../onnx/file.js';

/** Sizes of a port's axes; those that are free are undefined. */
export type Dims = (number | undefined)[];

/** The inputs that are to be fed: old exporters list the weights among them. */
export function inputsOf({ input, initializer }: Pick<Graph, 'input' | 'initializer'>): ValueInfo[] {
  const weights = new Set(initializer.map(({ name }) => name));
  return input.filter(({ name }) => !weights.has(name));
}

/** The dims of a port; undefined where its shape is not declared. */
export function freeDimsOf({ type }: ValueInfo): Dims | undefined {
  // Some exporters write 0 or -1 where a size is free.
  return type?.tensorType?.shape?.dim.map(({ dimValue = 0 }) => (dimValue > 0 ? dimValue : undefined));
}

/** Whether a port carries float32 or float16. */
export const isFloat = ({ type }: ValueInfo): boolean =>
  type?.tensorType?.elemType === DATA_TYPE.float32 || type?.tensorType?.elemType === DATA_TYPE.float16;

/** A port for messages: `picture 1x3xHxW`. */
export function portText({ name, type }: ValueInfo): string {
  const tensor = type?.tensorType;
  const dims = (tensor?.shape?.dim ?? []).map(({ dimValue, dimParam }) => dimParam || (dimValue ?? '?'));
  const kind = Object.entries(DATA_TYPE).find(([, code]) => code === tensor?.elemType)?.[0] ?? 'no tensor';
  const shown = kind === 'float32' || kind === 'float16' ? [] : [kind];
  return [name, ...shown, dims.join('x') || 'of any shape'].join(' ');
}
