// What a network was made of, for people and for programs: the same words and keys in import, inspect, export and pull.

import { ARCHITECTURES } from '../../models/architectures/recognise.js';
import type { Label, StyleFormat } from '../../models/imports/label.js';
import { type StyleNetwork, shortTitle } from '../../models/imports/style-network.js';
import type { OnnxModel } from '../../models/onnx/file.js';
import { anatomyOf } from './anatomy.js';
import { grouped } from './figures.js';

type Origin = NonNullable<StyleNetwork['origin']>;

/** What is known of a network: found in a checkpoint, or told by the label of an ONNX file. */
export interface Known {
  origin?: Origin | undefined;
  label?: Label | undefined;
  model?: OnnxModel | undefined;
  /** Of the file that was read. */
  format?: StyleFormat | undefined;
}

interface Made {
  architecture?: { id: string; title: string; summary?: string | undefined };
  parameters?: number;
  sourceFormat?: StyleFormat;
}

/** `AnimeGANv2 generator (32 channels), 2,143,552 parameters`. */
export function originWords({ architecture, summary, parameters }: Origin): string {
  return `${shortTitle(architecture)} (${summary}), ${grouped(parameters)} parameters`;
}

/**
 * Architecture, parameters, and the format that the weights were first read from, for `--json`. The parameters are those of the
 * checkpoint where there was one: its graph holds some of them in another form.
 */
export function madeOf({ origin, label = {}, model, format }: Known): Made {
  const { id, title, summary } = architectureOf(origin, label);
  const parameters = origin?.parameters ?? label.parameters ?? (model && anatomyOf(model).parameters);
  const sourceFormat = label.format ?? format;
  return {
    ...(id === undefined ? {} : { architecture: { id, title: title ?? id, ...(summary && { summary }) } }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(sourceFormat && { sourceFormat }),
  };
}

function architectureOf(origin: Origin | undefined, { architecture: id, form }: Label) {
  if (origin !== undefined) return { ...origin.architecture, summary: origin.summary };
  return { id, title: ARCHITECTURES.find((architecture) => architecture.id === id)?.title, summary: form };
}
