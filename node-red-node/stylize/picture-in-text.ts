// A picture in a piece of text: base64 or a data URL; and what the text is when it is neither.

/** Bytes, or what the text is instead and how to repair that. */
export type FoundInText = { bytes: Buffer } | { what: string; hint: string };

/** `isImage` tells a picture by its first bytes. */
export function pictureInText(text: string, isImage: (bytes: Buffer) => boolean): FoundInText {
  const trimmed = text.trim();
  if (trimmed === '') return { bytes: Buffer.alloc(0) };
  if (trimmed.startsWith('data:')) return fromDataUrl(trimmed);
  const bytes = fromBase64(trimmed);
  if (bytes !== undefined && isImage(bytes)) return { bytes };
  return OTHERS.find(({ pattern }) => pattern.test(trimmed)) ?? neither(trimmed);
}

function fromDataUrl(url: string): FoundInText {
  const [, type = '', encoding, content = ''] =
    /^data:([^;,]*)(?:;[^;,]*?)*?(;base64)?,(.*)$/is.exec(url) ?? [];
  const bytes = encoding === undefined ? undefined : fromBase64(content);
  if (bytes !== undefined && type.startsWith('image/')) return { bytes };
  const what = `it is a data URL of type ${JSON.stringify(type.slice(0, 40))} without a picture in base64`;
  return { what, hint: 'It should begin with data:image/jpeg;base64,' };
}

/** Both alphabets, with line breaks or without; undefined for other text. */
function fromBase64(text: string): Buffer | undefined {
  if (!/^[\w+/\s-]*=*\s*$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}

const SET_TO_BUFFER =
  'Its bytes are lost. Have the node before give a Buffer: in mqtt in, set Output to "a Buffer"; in http request, set Return to "a binary buffer"; in file in, to "a single Buffer object".';

const OTHERS: readonly { pattern: RegExp; what: string; hint: string }[] = [
  {
    // JPEG and PNG open with bytes that are no UTF-8; WebP, GIF and HEIC with letters, but lose others soon after.
    pattern: /^(\ufffd|RIFF.{0,8}WEBP|GIF8[79]a|.{0,8}ftyp|.{0,40}\ufffd\ufffd)/s,
    what: 'it is a picture that was read as text (UTF-8)',
    hint: SET_TO_BUFFER,
  },
  {
    pattern: /^https?:\/\//i,
    what: 'it is a web address',
    hint: 'Fetch the picture first, with nigaoe-camera or an http request node.',
  },
  {
    pattern:
      /^(file:|[a-z]:[\\/]|\\\\|~?\/|\.{1,2}[\\/])|^[^\n{}<>]+\.(jpe?g|png|webp|gif|avif|tiff?|hei[cf])$/i,
    what: 'it is the name of a file',
    hint: 'Read the file first, with a file in node whose Output is "a single Buffer object".',
  },
  {
    pattern: /^[[{]/,
    what: 'it is JSON text',
    hint: 'Put a json node before this one, and choose the property that holds the picture.',
  },
];

function neither(text: string): FoundInText {
  const start = text.length > 30 ? text.slice(0, 30).replace(/[\ud800-\udbff]$/, '') + '…' : text;
  return {
    what: `it is the text ${JSON.stringify(start)}`,
    hint: 'Send a Buffer, base64 of a picture, or a data URL.',
  };
}
