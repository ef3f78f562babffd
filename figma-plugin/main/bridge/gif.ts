// Whether a GIF moves: it has more than one picture (GIF89a specification, sections 18 to 26).

const HEADER_BYTES = 13;
const PICTURE = 0x2c;
const EXTENSION = 0x21;

/** False for all other files, and for what is damaged. */
export function isAnimatedGif(file: Uint8Array): boolean {
  if (file[0] !== 0x47 || file[1] !== 0x49 || file[2] !== 0x46) return false;
  let pictures = 0;
  for (let at = HEADER_BYTES + tableBytes(file[10]); at < file.length; ) {
    if (file[at] === PICTURE) pictures += 1;
    else if (file[at] !== EXTENSION) break;
    if (pictures > 1) return true;
    at = afterBlocks(file, file[at] === PICTURE ? at + 11 + tableBytes(file[at + 9]) : at + 2);
  }
  return false;
}

/** Bytes of the colour table that the packed field announces. */
function tableBytes(packed: number): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0;
}

/** Each block begins with its length; an empty one ends them. */
function afterBlocks(file: Uint8Array, from: number): number {
  let at = from;
  while (file[at] > 0) at += file[at] + 1;
  return at + 1;
}
