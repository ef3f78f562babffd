// What is known of a film's drawing before it begins, and who is told of it.

import type { Options } from '../options.js';
import type { Provenance } from '../photo/provenance.js';
import type { FilmStylizer } from '../stylizer.js';
import type { Container } from './containers.js';
import type { Film } from './film.js';
import type { FrameSize } from './size.js';
import type { Tools } from './tools.js';
import type { Journal, Tally, WorkFolder } from './work-folder.js';

/** All that is known before the work begins. */
export interface VideoOrder {
  film: Film;
  /** Where the result goes, and how sentences call that place. */
  out: string;
  container: Container;
  tools: Tools;
  size: FrameSize;
  /** Seconds from the film's start, perhaps to Infinity; absent: all of it. */
  part?: { fromSeconds: number; toSeconds: number } | undefined;
  /** Most frames a second; 0: all. */
  fps: number;
  /** Draw each shot in the colours of its first frame. */
  freeze: boolean;
  /** How each frame is drawn: scope photo or faces. */
  options: Options;
  provenance: Provenance;
  folder: WorkFolder;
  /** What is done already: a new journal, or that of the run that is gone on with. */
  journal: Journal;
}

export interface VideoRun {
  stylizer: FilmStylizer;
  signal?: AbortSignal | undefined;
  acceptLicence?: boolean | undefined;
  /** Told of every frame that is drawn. */
  onFrame?: ((tally: Tally) => void) | undefined;
  /** Told when all are drawn and the result is put together. */
  onJoin?: (() => void) | undefined;
  onNotice: (sentence: string) => void;
}
