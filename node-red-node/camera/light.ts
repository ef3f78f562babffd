// What stands under a camera node in the editor: fetching, when the last picture came, or what is wrong.

import type { FailureCode } from '../../shared/errors.js';
import type { Snapshot } from './camera.js';
import type { Skip } from './sameness.js';

/** As Node-RED takes it. */
export interface CameraStatus {
  fill: 'red' | 'green' | 'yellow' | 'blue' | 'grey';
  shape: 'dot' | 'ring';
  text: string;
}

export interface CameraLight {
  fetching(): void;
  /** A further try, counted from 2, of so many. */
  trying(turn: number, of: number): void;
  sent(snapshot: Snapshot): void;
  skipped(why: Skip): void;
  failed(code: FailureCode): void;
}

/** `translate` takes a key below `status` of the node's catalogue. */
export function cameraLight(
  show: (status: CameraStatus) => void,
  translate: (key: string, values?: Record<string, string>) => string,
): CameraLight {
  return {
    fetching: () => show({ fill: 'blue', shape: 'dot', text: translate('fetching') }),
    trying(turn, of) {
      const text = translate('trying', { turn: String(turn), of: String(of) });
      show({ fill: 'yellow', shape: 'ring', text });
    },
    sent({ at, bytes }) {
      const kB = String(Math.max(1, Math.round(bytes.length / 1000)));
      show({ fill: 'green', shape: 'dot', text: `${clock(at)} · ${kB} kB` });
    },
    skipped: (why) => show({ fill: 'grey', shape: 'dot', text: translate(why) }),
    failed: (code) => show({ fill: 'red', shape: 'ring', text: translate(WORDS[code] ?? 'failed') }),
  };
}

/** Hours, minutes and seconds where Node-RED runs: the same in each language, and short. */
function clock(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

const WORDS: Partial<Record<FailureCode, string>> = {
  unreachable: 'unreachable',
  busy: 'busy',
  unauthorised: 'unauthorised',
  forbidden: 'forbidden',
  'not-found': 'notFound',
  'photo-unreadable': 'noPicture',
  'photo-too-large': 'tooLarge',
  options: 'badSettings',
};
