// What a message tells about its picture: who took it, how it was drawn, which faces are in it.

/** In pixels of the photo. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** All of it as far as the message knows. */
export interface Caption {
  camera?: string;
  /** ISO 8601, when the camera took it. */
  takenAt?: string;
  style?: string;
  model?: string;
  scope?: string;
  device?: string;
  faces?: number;
  boxes?: Box[];
  /** Of the drawn picture, in pixels. */
  width?: number;
  height?: number;
}

/** Reads `msg.drawn` (of nigaoe-stylize) and `msg.camera` (of nigaoe-camera); both may be absent or another's. */
export function captionOf(message: object): Caption {
  const { drawn, camera } = message as { drawn?: unknown; camera?: unknown };
  return { ...cameraOf(camera), ...drawnOf(fields(drawn)) };
}

/** Other nodes put the camera's name there as a plain string. */
function cameraOf(value: unknown): Caption {
  if (typeof value === 'string') return { camera: value };
  const { name, at } = fields(value);
  return { camera: text(name), takenAt: text(at) };
}

function drawnOf({ style, model, scope, device, faces, width, height }: Record<string, unknown>): Caption {
  return {
    style: text(style),
    model: text(model),
    scope: text(scope),
    device: text(device),
    width: count(width),
    height: count(height),
    ...facesOf(faces),
  };
}

function facesOf(faces: unknown): Caption {
  if (!Array.isArray(faces)) return { faces: count(faces) };
  const boxes = faces.map((face) => boxOf(fields(face))).filter((box) => box !== undefined);
  return { faces: faces.length, boxes };
}

/** A face tells its box; a bare box is one as well. Whole pixels: nobody frames finer. */
function boxOf(face: Record<string, unknown>): Box | undefined {
  const box = face.box === undefined ? face : fields(face.box);
  const [x, y, width, height] = [box.x, box.y, box.width, box.height].map(count);
  if (x === undefined || y === undefined || width === undefined || height === undefined) return undefined;
  return { x, y, width, height };
}

const fields = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : undefined;
