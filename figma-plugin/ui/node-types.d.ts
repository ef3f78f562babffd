// The one type of Node.js that shared/errors.ts mentions, which is read here for its types alone.

declare namespace NodeJS {
  interface ErrnoException extends Error {
    code?: string;
  }
}
