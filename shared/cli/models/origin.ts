// What a checkpoint was recognised as, for people and for programs.

import { type StyleNetwork, shortTitle } from '../../models/imports/style-network.js';
import { grouped } from './figures.js';

type Origin = NonNullable<StyleNetwork['origin']>;

/** `AnimeGANv2 generator (32 channels), 2,143,552 parameters`. */
export function originWords({ architecture, summary, parameters }: Origin): string {
  return `${shortTitle(architecture)} (${summary}), ${grouped(parameters)} parameters`;
}

/** The same for `--json`. */
export function originObject({ architecture: { id, title }, summary, parameters }: Origin): object {
  return { architecture: { id, title, summary }, parameters };
}
