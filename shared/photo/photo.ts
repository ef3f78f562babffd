// What a picture is between decode and encode.

/** Formats that nigaoe writes. */
export type OutputFormat = 'jpeg' | 'png' | 'webp' | 'avif';
/** Formats that nigaoe reads. */
export type InputFormat = OutputFormat | 'tiff' | 'gif';

/** The format that a photo is written in when it is to stay what it was: what can be written, PNG for the rest. */
export const SAME_FORMAT: Readonly<Record<InputFormat, OutputFormat>> = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  tiff: 'png',
  gif: 'png',
};

/** What came with the pixels and is not pixels. */
export interface PhotoMetadata {
  /** Format of the bytes that the photo was decoded from. */
  format: InputFormat;
  /**
   * EXIF block from its byte order (`II`, `MM`) on, made true for the pixels: orientation 1, colour space sRGB, no
   * thumbnail. Absent where the file had none, and for TIFF, whose EXIF is not a block.
   */
  exif?: Uint8Array;
  /** Sentences for the user about what decoding changed or left out. */
  notices: string[];
}

/** An upright sRGB picture, 8 bit, with its transparency set aside. */
export interface Photo {
  /** RGB, interleaved, `width * height * 3` bytes. */
  data: Uint8Array;
  width: number;
  height: number;
  /** One byte per pixel, 255 is opaque; absent where the file had no transparency. */
  alpha?: Uint8Array;
  /** The file's ICC profile, for whoever wants to convert back; `data` is sRGB already. */
  icc?: Uint8Array;
  metadata: PhotoMetadata;
}
