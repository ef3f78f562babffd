// Photo -> boxes: shows a small copy of the photo to a detector network, upright and turned by quarter turns.

import type { DetectorEntry } from '../models/entry.js';
import type { Session } from '../models/session.js';
import { type Affine, compose, mapPoint, type Point, rescale } from '../photo/affine.js';
import type { Photo } from '../photo/photo.js';
import { resizePhoto } from '../photo/resize.js';
import { type Tensor, tensor } from '../tensor.js';
import { DECODERS, type Decoder } from './decoders.js';
import { type Box, boxAround, type Detection, withoutDoubles } from './face.js';

interface DetectOptions {
  /** Lowest score; 0 takes the detector's own threshold. */
  minScore: number;
  /** Smallest mean side of a box in photo pixels. */
  minFacePx: number;
  /** Look for faces turned by 90, 180 and 270 degrees too, unless a face surely stands upright. */
  rotations: boolean;
}

/** Finds faces; best score first. */
export async function detectFaces(
  photo: Photo,
  session: Session,
  entry: DetectorEntry,
  options: DetectOptions,
): Promise<Detection[]> {
  const decoder = DECODERS[entry.decoder];
  const small = await smallCopy(photo, decoder.longSidePx);
  const toPhoto = rescale(small, photo);
  const look = (quarterTurns: number) =>
    detectTurned({ small, toPhoto, session, decoder, options }, quarterTurns);
  const upright = await look(0);
  if (!options.rotations || isCertain(upright, decoder)) return upright;
  const turned = [await look(1), await look(2), await look(3)].map((seen) => convincing(seen, decoder));
  const best = turned.sort((a, b) => weight(b) - weight(a))[0];
  return isCertain(best, decoder) || weight(best) > UPRIGHT_ADVANTAGE * weight(upright) ? best : upright;
}

/** Without a certain face photos stand upright until much more speaks for another way. */
const UPRIGHT_ADVANTAGE = 1.3;
/** Above the detector's threshold by this much a turned face is believed: there are three times as many places to err. */
const TURNED_SCORE_MORE = 0.2;

/** Detectors see something in turned faces too: only a clear face says that the photo stands upright. */
const isCertain = (seen: readonly Detection[], { certainScore }: Decoder): boolean =>
  seen.some(({ score }) => score >= certainScore);

const convincing = (seen: readonly Detection[], { minScore }: Decoder): Detection[] =>
  seen.filter(({ score }) => score >= minScore + TURNED_SCORE_MORE);

const weight = (seen: readonly Detection[]): number => seen.reduce((sum, { score }) => sum + score, 0);

interface Look {
  small: Photo;
  toPhoto: Affine;
  session: Session;
  decoder: Decoder;
  options: DetectOptions;
}

async function detectTurned(
  { small, toPhoto, session, decoder, options }: Look,
  quarterTurns: number,
): Promise<Detection[]> {
  const turn = turnOf(small, quarterTurns);
  const input = detectorInput(small, turn, decoder);
  const outputs = await session.run({ [decoder.input]: input });
  const minScore = options.minScore > 0 ? options.minScore : decoder.minScore;
  const hits = withoutDoubles(decoder.decode(outputs, input, minScore), decoder.maxOverlap);
  const toOriginal = compose(toPhoto, turn.toSmall);
  return hits
    .map(({ box, score }) => {
      const corners = cornersOf(landmarkBox(box, decoder));
      const turned = boxAround(corners.map((corner) => mapPoint(toOriginal, corner)));
      return { box: turned, score, angleRad: (quarterTurns * Math.PI) / 2 };
    })
    .filter(({ box }) => (box.width + box.height) / 2 >= options.minFacePx);
}

function landmarkBox({ x, y, width, height }: Box, { toLandmarkBox: { scale, shift } }: Decoder): Box {
  const side = (width + height) / 2;
  return {
    x: x + shift[0] * side + (width * (1 - scale)) / 2,
    y: y + shift[1] * side + (height * (1 - scale)) / 2,
    width: width * scale,
    height: height * scale,
  };
}

// Network boxes are areas; pixel indices start at the first centre.
const cornersOf = ({ x, y, width, height }: Box): Point[] => [
  [x - 0.5, y - 0.5],
  [x + width - 0.5, y + height - 0.5],
];

// Small photos are enlarged: the networks miss faces of fewer than about 25 pixels, and enlarging costs nothing here.
async function smallCopy(photo: Photo, longSidePx: number): Promise<Photo> {
  const factor = longSidePx / Math.max(photo.width, photo.height);
  const scaled = (side: number) => Math.max(1, Math.round(side * factor));
  // Detectors see no transparency.
  const { alpha: _, ...opaque } = photo;
  return resizePhoto(opaque, { width: scaled(photo.width), height: scaled(photo.height) });
}

interface Turn {
  width: number;
  height: number;
  /** Pixel of the turned picture -> pixel of the small copy. */
  toSmall: Affine;
}

/** Turns the picture counter-clockwise, so that faces turned clockwise by as much stand upright. */
function turnOf({ width, height }: Photo, quarterTurns: number): Turn {
  const [right, bottom] = [width - 1, height - 1];
  const turns: Turn[] = [
    { width, height, toSmall: [1, 0, 0, 0, 1, 0] },
    { width: height, height: width, toSmall: [0, -1, right, 1, 0, 0] },
    { width, height, toSmall: [-1, 0, right, 0, -1, bottom] },
    { width: height, height: width, toSmall: [0, 1, 0, -1, 0, bottom] },
  ];
  return turns[quarterTurns];
}

/** The turned picture as the detector wants it: 0..255, planar, black beyond the picture. */
function detectorInput({ data, width }: Photo, turn: Turn, { channels, multipleOf }: Decoder): Tensor {
  const padded = (side: number) => Math.ceil(side / multipleOf) * multipleOf;
  const [columns, rows] = [padded(turn.width), padded(turn.height)];
  const input = tensor([1, 3, rows, columns]);
  const [a, b, c, d, e, f] = turn.toSmall;
  // A quarter turn only reorders pixels: a step to the right or down is a fixed step in memory.
  const [start, right, down] = [f * width + c, d * width + a, e * width + b];
  for (let channel = 0; channel < 3; channel++) {
    const source = channels === 'rgb' ? channel : 2 - channel;
    for (let v = 0; v < turn.height; v++) {
      let from = (start + v * down) * 3 + source;
      let to = (channel * rows + v) * columns;
      for (let u = 0; u < turn.width; u++, from += right * 3) input.data[to++] = data[from];
    }
  }
  return input;
}
