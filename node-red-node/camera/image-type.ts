// What bytes are, by their beginning: a picture and of which kind, or what a camera sent in its place.

const SIGNATURES: readonly { mediaType: string; at: number; text: string }[] = [
  { mediaType: 'image/jpeg', at: 0, text: '\xff\xd8\xff' },
  { mediaType: 'image/png', at: 0, text: '\x89PNG\r\n\x1a\n' },
  { mediaType: 'image/gif', at: 0, text: 'GIF8' },
  { mediaType: 'image/webp', at: 8, text: 'WEBP' },
  { mediaType: 'image/tiff', at: 0, text: 'II*\0' },
  { mediaType: 'image/tiff', at: 0, text: 'MM\0*' },
  { mediaType: 'image/avif', at: 4, text: 'ftypavif' },
  { mediaType: 'image/avif', at: 4, text: 'ftypavis' },
  { mediaType: 'image/heic', at: 4, text: 'ftypheic' },
  { mediaType: 'image/heic', at: 4, text: 'ftypmif1' },
];

/** The media type of a picture that nigaoe can read, or undefined. */
export function imageTypeOf(bytes: Buffer): string | undefined {
  return SIGNATURES.find(({ at, text }) => bytes.toString('latin1', at, at + text.length) === text)
    ?.mediaType;
}

/** In words what came in place of a picture; `contentType` is what the sender called it. */
export function describeBytes(bytes: Buffer, contentType?: string): string {
  if (bytes.length === 0) return 'nothing (an empty answer)';
  const text = bytes.toString('utf8', 0, MOST_READ).trim();
  if (/^(<!doctype html|<html|<head|<body)/i.test(text) || isHtml(contentType, text)) return page(text);
  if (/^[{[]/.test(text)) return `JSON: ${shortened(text)}`;
  if (text.startsWith('<')) return `XML: ${shortened(text)}`;
  if (isText(text)) return `text: ${shortened(text)}`;
  if (text.startsWith('\ufffd\ufffd')) return 'a picture that was turned into text on its way';
  const called = contentType === undefined || contentType === '' ? '' : `, called ${shortened(contentType)}`;
  return `${bytes.length} bytes of no known picture format${called}`;
}
const MOST_READ = 4096;

function isHtml(contentType: string | undefined, text: string): boolean {
  return contentType?.startsWith('text/html') === true && text.includes('<');
}

function page(text: string): string {
  const title = /<title[^>]*>([^<]+)</i.exec(text)?.[1];
  return title === undefined ? 'a web page' : `the web page "${shortened(title)}"`;
}

/** Control characters and broken UTF-8 do not stand in texts. */
function isText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return !/[\0-\x08\x0e-\x1f\ufffd]/.test(text.slice(0, SHOWN_CHARACTERS));
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= SHOWN_CHARACTERS ? line : `${line.slice(0, SHOWN_CHARACTERS)}…`;
}
const SHOWN_CHARACTERS = 80;
